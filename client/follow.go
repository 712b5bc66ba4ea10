package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
)

// Message is what a follower of a run gets: an event, or a piece of an answer.
type Message struct {
	Event *pawl.Event
	Piece *pawl.Piece // progress alone: it is in no event, and may be missed

	// Reset says that the run was removed and another begun under its id: what came before
	// is not of this one, whose events follow from the first.
	Reset bool
}

// How long it takes until a stream that was cut is asked for again: at first, and at most,
// where it is cut each time. A server that wants it to be longer is heeded.
const (
	again  = 2 * time.Second
	seldom = 30 * time.Second
)

// Follow yields what happened in a run behind an event (0: all), then what happens, until
// it has come to its end or ctx ends. A stream that is cut is taken up where it was, without
// gap or double, and so is one that the server, or a proxy before it, cannot give for the
// moment. Any other refusal is yielded as an error, which is the last.
func (c *Client) Follow(ctx context.Context, id pawl.RunID, after pawl.Seq) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		pause, at := again, place{after: after}
		for {
			ended, err := c.follow(ctx, id, &at, func(m Message) bool { return yield(m, nil) })
			wait := pause
			switch e := pawl.AsError(err, pawl.ErrInternal); {
			case ended:
				return
			case e == nil:
				wait, pause = again, again
			case !e.Kind.Transient():
				yield(Message{}, err)
				return
			default:
				wait, pause = max(pause, e.RetryAfter), min(2*pause, seldom)
			}
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				yield(Message{}, &pawl.Error{Kind: pawl.ErrStopped, Message: ctx.Err().Error(), Err: ctx.Err()})
				return
			}
		}
	}
}

// place is how far a run was followed.
type place struct {
	after pawl.Seq // the last event
	id    string   // the server's name for it, by which it also knows the run; empty: not heard
}

// follow reads one stream, and moves on. It reports whether nothing more is wanted.
func (c *Client) follow(ctx context.Context, id pawl.RunID, at *place, yield func(Message) bool) (ended bool, err error) {
	var header http.Header
	if at.id != "" {
		header = http.Header{"Last-Event-Id": {at.id}}
	}
	resp, err := c.open(ctx, http.MethodGet, fmt.Sprintf("%s/stream?after=%d", runPath(id), at.after), header, nil)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNoContent {
		return true, nil
	}
	lines := bufio.NewReader(resp.Body)
	name, named := "", ""
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return false, nil // cut: it is taken up again
		}
		field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch {
		case field == "id":
			named = value
		case field == "event":
			name = value
		case field == "data" && name == "end":
			return true, nil
		case field == "data":
			m, err := messageOf(name, value)
			if err != nil {
				return false, err
			}
			switch {
			case m.Event != nil && m.Event.Seq <= at.after:
				continue
			case m.Event != nil && m.Event.Seq > at.after+1:
				return false, nil // what is between is asked for
			case m.Event != nil:
				*at = place{m.Event.Seq, named}
			case m.Reset:
				*at = place{}
			}
			if !yield(m) {
				return true, nil
			}
		}
	}
}

func messageOf(name, data string) (m Message, err error) {
	switch name {
	case "event":
		err = json.Unmarshal([]byte(data), &m.Event)
	case "reset":
		m.Reset = true
	case "piece":
		err = json.Unmarshal([]byte(data), &m.Piece)
	}
	if err != nil {
		err = &pawl.Error{Kind: pawl.ErrInternal, Message: fmt.Sprintf("read an event of the stream: %v", err), Err: err}
	}
	return m, err
}
