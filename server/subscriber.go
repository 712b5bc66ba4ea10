package server

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// message is what a listener gets. It is made once for all of them, and not changed.
type message struct {
	event string // what it is
	text  []byte // as it is sent
	place int64  // among all events, of the last one that it tells, to who hears all runs
	seq   pawl.Seq
	first string // hash of the first event of its run, to who hears that
	ends  bool   // of an event: the run may have ended

	// parts are events that are told together: their texts, one behind the other, are text.
	parts []message
}

// Names of messages.
const (
	isEvent   = "event"
	isPiece   = "piece"
	isChanged = "changed"
	isMany    = "many" // changed, which are not listed
	isEnd     = "end"
	isReset   = "reset" // what was shown is to be read anew

	// mayBeAnew is for a run's stream and is not sent: runs were removed, its own perhaps.
	mayBeAnew = "may be anew"
)

// newMessage makes a message of JSON, which has no line breaks.
func newMessage(event, id string, data []byte) *message {
	var text []byte
	if id != "" {
		text = fmt.Appendf(nil, "id: %s\n", id)
	}
	return &message{event: event, text: appendEvent(text, event, data)}
}

func appendEvent(text []byte, event string, data []byte) []byte {
	text = append(text, "event: "...)
	text = append(text, event...)
	text = append(text, "\ndata: "...)
	text = append(text, data...)
	return append(text, "\n\n"...)
}

func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // its values are JSON, or text
	}
	return data
}

// What a listener may be behind by. Who is more is dropped, and comes again.
const (
	mostBehind      = 4096
	mostBytesBehind = 8 << 20
)

// subscriber is somebody who listens. It hears one run, or all.
type subscriber struct {
	run    pawl.RunID // empty: all
	brief  bool       // of all: which ones changed, and not the events
	pieces pawl.RunID // of whose answers it hears the pieces; empty: none
	from   journal.Placed
	hears  bool          // it counts among the listeners of pieces; guarded by the hub's mu
	ready  chan struct{} // has an element when there may be something to take

	mu    sync.Mutex // guards what follows
	queue []*message
	bytes int // in queue
	ended bool
}

// hearsEvents reports whether it hears the events of all runs.
func (sub *subscriber) hearsEvents() bool { return sub.run == "" && !sub.brief }

// put adds a message; false: it is too far behind.
func (sub *subscriber) put(m *message) bool {
	sub.mu.Lock()
	defer sub.mu.Unlock()
	if len(sub.queue) == mostBehind || sub.bytes+len(m.text) > mostBytesBehind && len(sub.queue) > 0 {
		return false
	}
	sub.queue, sub.bytes = append(sub.queue, m), sub.bytes+len(m.text)
	sub.wake()
	return true
}

// end says that nothing more will come. What waits is not taken any more.
func (sub *subscriber) end() {
	sub.mu.Lock()
	defer sub.mu.Unlock()
	sub.queue, sub.ended = nil, true
	sub.wake()
}

func (sub *subscriber) wake() {
	select {
	case sub.ready <- struct{}{}:
	default:
	}
}

// take takes all that has come; false: it was dropped.
func (sub *subscriber) take() ([]*message, bool) {
	sub.mu.Lock()
	defer sub.mu.Unlock()
	all := sub.queue
	sub.queue, sub.bytes = nil, 0
	return all, !sub.ended
}
