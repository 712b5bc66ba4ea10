package llmtest

import "net/http"

// Key is the API key that the model under test must use: long enough to be taken
// for a secret.
const Key = "sk-proj-T3stKeyAbCdEfGhIjKlMnOpQrStUvWxYz0123456789"

// Server is the far side.
type Server interface {
	// Play has all further calls answered so.
	Play(Exchange)

	// Calls is how many requests arrived, valid or not.
	Calls() int

	// WaitInFlight blocks until n calls are being handled.
	WaitInFlight(n int)

	// Violations lists requests that the provider would refuse.
	Violations() []string
}

// Exchange is what the far side does with a call.
type Exchange struct {
	Text    string // the answer; with Break what arrives before it, in a stream
	MadeUp  bool   // instead of Text: a good answer made up from the request
	Refusal string // instead of Text: the model declines
	End     End

	// A Status other than 0 is an error answer: Code, Type and Message in the
	// vendor's form, or Body as it is.
	Status      int
	Code        string
	Type        string // empty: what goes with Status
	Message     string
	Body        string
	ContentType string // of Body
	Header      http.Header

	Break Break
}

// End is why an answer ends.
type End int

const (
	EndComplete End = iota
	EndLength       // it ran into the token limit
	EndFilter       // a content filter stopped it
)

// Break is how a connection goes wrong.
type Break int

const (
	BreakNot   Break = iota
	BreakHang        // silence until the client goes away
	BreakReset       // a TCP reset before any byte
	BreakCut         // an end before the answer is complete
	BreakAbort       // a TCP reset in the middle of the answer
	BreakEmpty       // a success without a body
)
