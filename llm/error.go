package llm

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrorKind sorts what can go wrong with an attempt. The adapter sorts once;
// everything above decides by kind.
type ErrorKind string

const (
	RateLimit     ErrorKind = "rate_limit"     // too many requests for now
	Overloaded    ErrorKind = "overloaded"     // the provider's own failure: 5xx, server_error
	Timeout       ErrorKind = "timeout"        // 408, 504 or our deadline
	Network       ErrorKind = "network"        // no response, or a stream cut before its end; may have been billed
	Auth          ErrorKind = "auth"           // missing, wrong or forbidden credential
	Quota         ErrorKind = "quota"          // the account has no credit left
	Invalid       ErrorKind = "invalid"        // the provider rejects the request as it is
	ContextLength ErrorKind = "context_length" // the request is too long for the model
	TooLarge      ErrorKind = "too_large"      // the request alone is more than the account's limit, or the server, takes
	Filtered      ErrorKind = "filtered"       // a content filter stopped it
	Refused       ErrorKind = "refused"        // the model declined
	Truncated     ErrorKind = "truncated"      // the answer ran into MaxTokens
	Canceled      ErrorKind = "canceled"       // the caller's context was canceled
)

// Transient reports whether the same request may succeed later.
func (k ErrorKind) Transient() bool {
	switch k {
	case RateLimit, Overloaded, Timeout, Network:
		return true
	}
	return false
}

// Error is why an attempt failed.
type Error struct {
	Kind    ErrorKind
	Message string // for people: what the provider said, without secrets
	Hint    string // what to do about it; may be empty

	Status     int           // HTTP status; 0 if there was no response
	Code       string        // the provider's own code; may be empty
	RequestID  string        // the provider's id of the request; may be empty
	Model      string        // that answered, as the provider reports it; may be empty
	RetryAfter time.Duration // how long the provider asks us to wait; 0 if it does not say

	Requests   int // as in Response
	MostTokens int // as in Response

	Partial string // text that arrived before the failure, for the record only
	Usage   *Usage // what the failed attempt took, if known

	// Answered says that the model answered and the answer is of no use, or that the
	// server had begun to answer when the connection broke or time ran out, so that the
	// call may have been billed also where Usage is nil. That an answer was truncated or
	// refused says so too.
	Answered bool

	Err error // the cause; may be nil
}

func (e *Error) Error() string {
	s := e.Kind.Line(e.Message)
	if e.Status != 0 {
		s += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	return s
}

// Line puts a kind before a message, unless the message begins with it: "refused: no".
func (k ErrorKind) Line(message string) string {
	if rest, begins := strings.CutPrefix(strings.ToLower(message), string(k)); message == "" || !begins || rest != "" && rest[0] != ':' {
		return strings.TrimSuffix(string(k)+": "+message, ": ")
	}
	return message
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the *Error in err's chain, or "" if there is none.
func KindOf(err error) ErrorKind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}
