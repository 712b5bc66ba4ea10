package relay

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
)

// maxBehind is how many bytes a listener may leave untaken before it loses pieces.
const maxBehind = limits.RelayBehindBytes

// pieceCost is what a piece takes beside its text.
const pieceCost = 128

// Listener hears the pieces of one run. It belongs to one goroutine.
type Listener struct {
	relay *Relay
	run   pawl.RunID
	ready chan struct{} // has one while the queue is not empty, and perhaps afterwards
	leave func()        // ends what brings the pieces here; may be nil

	queue  []pawl.Piece
	behind int              // what the queue takes; what it began with is not counted
	given  map[attempt]bool // attempts of which a piece was taken, and not the end
}

// Ready delivers when there may be something to take.
func (l *Listener) Ready() <-chan struct{} { return l.ready }

// Take returns what has come since the last time, in order. It does not wait.
func (l *Listener) Take() []pawl.Piece {
	l.relay.mu.Lock()
	defer l.relay.mu.Unlock()
	taken := l.queue
	l.queue, l.behind = nil, 0
	for _, p := range taken {
		if p.End {
			delete(l.given, attemptOf(p))
		} else {
			l.given[attemptOf(p)] = true
		}
	}
	return taken
}

// Close ends the listening. What was not taken is lost.
func (l *Listener) Close() {
	l.relay.mu.Lock()
	if all := l.relay.listeners[l.run]; all[l] {
		delete(all, l)
		if len(all) == 0 {
			delete(l.relay.listeners, l.run)
		}
	}
	l.queue = nil
	l.relay.mu.Unlock()
	if l.leave != nil {
		l.leave()
	}
}

// put adds a piece. The relay is locked.
func (l *Listener) put(p pawl.Piece) {
	if l.behind += len(p.Text) + pieceCost; l.behind > maxBehind {
		l.catchUp() // p is part of it
		return
	}
	l.queue = append(l.queue, p)
	l.wake()
}

// catchUp makes a queue of what the open attempts have so far, behind the end of all
// that was taken. The relay is locked.
func (l *Listener) catchUp() {
	l.queue, l.behind = nil, 0
	for a := range l.given {
		l.queue = append(l.queue, a.end())
	}
	for a, text := range l.relay.open {
		if a.run == l.run {
			l.queue = append(l.queue, pawl.Piece{Run: a.run, Key: a.key, Attempt: a.number, Text: text.String()})
		}
	}
	l.wake()
}

// wake lets Ready deliver if something is there.
func (l *Listener) wake() {
	if len(l.queue) == 0 {
		return
	}
	select {
	case l.ready <- struct{}{}:
	default:
	}
}
