package wire

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/pawlrun/pawl/llm"
)

// Event is one server-sent event.
type Event struct {
	Type string // the event field; often empty
	Data []byte
}

// Done reports whether the event is the mark behind the last one.
func (ev Event) Done() bool { return strings.HasPrefix(string(ev.Data), "[DONE]") }

// Events calls read with each event of a stream until read reports the end or an
// error. It stops there: some gateways keep the connection open behind the last
// event. A stream that ends by itself is a Network error, however it ends.
func (e *Endpoint) Events(ctx context.Context, res *http.Response, read func(Event) (end bool, err error)) error {
	events := newLines(res.Body)
	for events.next() {
		if end, err := read(events.event); end || err != nil {
			return err
		}
	}
	if err := events.err(); err != nil {
		return e.transportError(ctx, err)
	}
	if ctx.Err() != nil {
		return e.transportError(ctx, ctx.Err())
	}
	return CutShort()
}

// errEnded is under the error of a stream that the server ended, not the connection.
var errEnded = errors.New("the stream ended")

// CutShort is the error of a stream that ended before the answer was complete.
func CutShort() *llm.Error {
	return &llm.Error{Kind: llm.Network, Message: "the stream ended before the answer was complete", Err: errEnded}
}

// IsCutShort reports whether a stream ended by itself; its connection did not break.
func IsCutShort(err error) bool { return errors.Is(err, errEnded) }

// BrokenEvent is the error of an event that is not the JSON we know.
func BrokenEvent(ev Event) *llm.Error {
	return &llm.Error{Kind: llm.Overloaded, Message: "an event of the stream is not JSON: " + Brief(string(ev.Data))}
}
