package server

import (
	"strconv"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// batch is events that are told together to those who hear the same. What is sent is written
// once for all of them, and each gets the same bytes.
type batch struct {
	text  []byte
	parts []message
	ends  []int // of their texts in text
}

// addOfAll adds an event for those who hear all runs; tail is what is sent of it behind its id.
func (b *batch) addOfAll(p journal.Placed, tail []byte) {
	b.add(appendEventID(append(b.text, "id: "...), p), tail, message{place: p.Place})
}

// addOfRun adds an event for those who hear its run, whose first event has that hash.
func (b *batch) addOfRun(ev pawl.Event, first string, tail []byte) {
	b.add(appendRunEventID(append(b.text, "id: "...), ev.Seq, first), tail, message{seq: ev.Seq, first: first, ends: mayEnd(ev)})
}

func (b *batch) add(text, tail []byte, m message) {
	m.event = isEvent
	b.text = append(append(text, '\n'), tail...)
	b.parts, b.ends = append(b.parts, m), append(b.ends, len(b.text))
}

// message is all that was added; nil: nothing was.
func (b *batch) message() *message {
	if b == nil || len(b.parts) == 0 {
		return nil
	}
	m := b.parts[len(b.parts)-1]
	begin := 0
	for i := range b.parts {
		part := &b.parts[i]
		part.text = b.text[begin:b.ends[i]:b.ends[i]]
		m.ends, begin = m.ends || part.ends, b.ends[i]
	}
	m.text, m.parts = b.text, b.parts
	return &m
}

// tailOf is what is sent of an event, as it is shown, behind its id.
func tailOf(shown pawl.Event) []byte { return appendEvent(nil, isEvent, mustJSON(shown)) }

// eventOfRun is an event as a run's listener gets it.
func eventOfRun(shown pawl.Event, first string) *message {
	var b batch
	b.addOfRun(shown, first, tailOf(shown))
	return b.message()
}

// eventOfAll is an event as it is shown, as one gets it who listens to all runs.
func eventOfAll(p journal.Placed, shown pawl.Event) *message {
	var b batch
	b.addOfAll(p, tailOf(shown))
	return b.message()
}

// mayEnd reports whether a run may have ended with an event.
func mayEnd(ev pawl.Event) bool {
	return ev.Type == pawl.EventDone || ev.Type == pawl.EventCanceled || ev.Type == pawl.EventFailed && ev.Key == ""
}

// appendEventID appends an event's id among those of all runs: its place, and of its hash
// enough to know it by, since what comes when runs were removed may take their places.
func appendEventID(to []byte, p journal.Placed) []byte {
	_, hash, _ := strings.Cut(p.Event.Hash, ":")
	return append(append(strconv.AppendInt(to, p.Place, 10), '-'), hash[:min(len(hash), 16)]...)
}

func eventID(p journal.Placed) string { return string(appendEventID(nil, p)) }

// placeOf reads the place out of an event's id.
func placeOf(id string) (int64, bool) {
	place, _, _ := strings.Cut(id, "-")
	n, err := strconv.ParseInt(place, 10, 64)
	return n, err == nil && n > 0
}

// appendRunEventID appends an event's id in the stream of its run: its number, and of the
// first event's hash enough to know by it which run had the id.
func appendRunEventID(to []byte, seq pawl.Seq, first string) []byte {
	return append(append(strconv.AppendInt(to, int64(seq), 10), '-'), markOf(first)...)
}

// markOf is of the hash of a run's first event what tells the run from others.
func markOf(first string) string {
	_, hash, _ := strings.Cut(first, ":")
	return hash[:min(len(hash), 8)]
}

// seqOf reads the id of an event of a run's stream. An id of older servers, and 0, which is
// before the first event, are a number alone: then mark is empty.
func seqOf(id string) (after pawl.Seq, mark string, ok bool) {
	number, mark, marked := strings.Cut(id, "-")
	n, err := strconv.ParseInt(number, 10, 64)
	return pawl.Seq(n), mark, err == nil && n >= 0 && (mark != "") == marked
}
