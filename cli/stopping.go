package cli

import (
	"context"
	"os"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// patience is how long calls in flight are waited for after a signal. A machine that has
// sent it may kill the process 30 seconds later.
func patience(sig os.Signal) time.Duration {
	if term.ByPerson(sig) {
		return 30 * time.Second
	}
	return 25 * time.Second
}

// sameSignal is how long the same signal again is no second one: shells and
// supervisors send it to the process and to its group.
const sameSignal = 200 * time.Millisecond

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
		*r = request{sig, now, time.After(patience(sig))}
		return asksFirst
	case sig != r.sig || now.Sub(r.at) >= sameSignal:
		return insists
	}
	return echoes
}

// stopping is work in the background that signals may end.
type stopping struct {
	done    <-chan struct{}  // closed when all of it has ended
	signals <-chan os.Signal // that ask for an end
	ask     func(os.Signal)  // asks the work to begin nothing more and to end
	cut     func()           // has it give up the calls in flight
	idle    func() bool      // whether nothing is under way; nil: something always is
}

// wait waits for the end of the work and returns the signal that asked for it,
// if one did. The first signal asks; what is in flight then has some time. The
// second one is errLeave, and the work goes on.
func (a *app) wait(s stopping) (os.Signal, error) {
	var asked request
	for {
		select {
		case <-s.done:
			return asked.sig, nil
		case <-asked.late:
			s.cut()
		case sig := <-s.signals:
			switch asked.heard(sig, a.now()) {
			case asksFirst:
				if !a.quiet && (s.idle == nil || !s.idle()) {
					a.stamped("%s: ending; calls in flight have %s to end, the same again leaves at once", sig, patience(sig))
				}
				s.ask(sig)
			case insists:
				return sig, errLeave
			}
		}
	}
}

// pauseRun has a run pause that this process executes. It blocks while flow code hangs.
func (a *app) pauseRun(ctx context.Context, s *store, id pawl.RunID) {
	// An error: it has just come to rest, or another process executes it.
	_ = s.engine.Direct(ctx, id, pawl.Directive{What: pawl.DirectPause, Who: a.who()})
}
