package responsestest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
)

// Call is one request that the server received, valid or not.
type Call struct {
	N   int // which call of all it is, from 1
	Nth int // which call with the same content it is, from 1

	// Digest names the content: the request body without "stream" and
	// "stream_options", whatever the order of its keys. A call that is made again has the same digest.
	Digest string

	API        string // which API was asked: Responses, Chat or Messages
	APIKey     string // the key; empty only where the API wants none
	Model      string
	Messages   []Message
	SchemaName string          // empty: plain text was asked for
	Schema     json.RawMessage // as it came, order included; nil for plain text
	JSON       bool            // JSON was asked for, with a schema or without one
	MaxTokens  int             // 0: not limited
	Effort     string          // of reasoning; empty: not said
	Stream     bool

	Temperature *float64 // nil: not said

	// StreamUsage: a chat stream is to end with the token counts. Streams of
	// responses always do.
	StreamUsage bool

	Header http.Header
	Body   json.RawMessage // as it came
}

// Message is one message of the input.
type Message struct {
	Role   string
	Text   string
	Marked bool // its end is marked for the cache; a block of Messages is a message here
}

// Prompt joins the texts of all messages: something to search in.
func (c Call) Prompt() string {
	var b strings.Builder
	for _, m := range c.Messages {
		b.WriteString(m.Text)
		b.WriteString("\n")
	}
	return b.String()
}

func newCall(r *http.Request, body []byte) Call {
	return Call{Header: r.Header.Clone(), Body: body}
}

func digest(body []byte) string {
	var fields map[string]any
	if json.Unmarshal(body, &fields) == nil {
		delete(fields, "stream")
		delete(fields, "stream_options")
		// What was just decoded can be encoded.
		body, _ = json.Marshal(fields)
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
