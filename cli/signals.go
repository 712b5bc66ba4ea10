package cli

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// patience is how long calls in flight are waited for after a signal.
const patience = 30 * time.Second

// sameSignal is how long the same signal again is no second one: shells and
// supervisors send it to the process and to its group.
const sameSignal = 200 * time.Millisecond

// notify delivers the signals that ask for an end, until stop. Two of them are
// kept for a reader that is busy.
func notify() (signals <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	return c, func() { signal.Stop(c) }
}

// signalExit is the exit code of a command that a signal ended: 128 and its number.
func signalExit(sig os.Signal) int {
	if s, ok := sig.(syscall.Signal); ok {
		return 128 + int(s)
	}
	return 130
}

// request is what signals have asked for so far.
type request struct {
	sig  os.Signal        // the first; nil: none
	at   time.Time        // when it came
	late <-chan time.Time // then the calls in flight have had their time
}

// meaning is what one more signal says.
type meaning int

const (
	echoes    meaning = iota // the same signal, sent twice by shells and supervisors
	asksFirst                // come to an end
	insists                  // leave at once
)

func (r *request) heard(sig os.Signal, now time.Time) meaning {
	switch {
	case r.sig == nil:
		*r = request{sig, now, time.After(patience)}
		return asksFirst
	case sig != r.sig || now.Sub(r.at) >= sameSignal:
		return insists
	}
	return echoes
}
