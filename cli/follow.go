package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/pawlrun/pawl"
)

// errLeave says that a second signal came: the process is to end at once.
var errLeave = errors.New("leave at once")

// following is a run that this process executes and shows.
type following struct {
	app    *app
	store  *store
	id     pawl.RunID
	after  pawl.Seq // the last event that is not to be shown
	lines  *lines
	notify <-chan os.Signal
}

// following follows a run from behind an event.
func (a *app) following(s *store, rec pawl.RunRecord, after pawl.Seq, signals <-chan os.Signal) *following {
	mask := a.mask(rec.Flow)
	mask.Learn(rec.Input, nil)
	return &following{
		app: a, store: s, id: rec.ID, after: after, notify: signals,
		lines: &lines{w: a.err, zone: a.zone, flow: rec.Flow, mask: mask.Line, waited: map[pawl.Key]bool{}, said: map[string]bool{}},
	}
}

// follow shows the run until it is at rest, and returns the signal that asked
// for that, if one did.
//
// The first signal pauses the run: no new step begins, and calls in flight are
// waited for, but not for ever. The second one is errLeave.
func (f *following) follow(ctx context.Context) (sig os.Signal, err error) {
	ctx, cancel := context.WithCancel(ctx)
	events := f.events(ctx)
	var first time.Time // when sig came
	var late <-chan time.Time
	var cut <-chan struct{} // not nil: the calls in flight are being cut
	defer func() {
		cancel()
		if errors.Is(err, errLeave) {
			return // nothing is waited for
		}
		for range events { // until its goroutine has ended
		}
		if cut != nil {
			<-cut
		}
	}()
	for {
		select {
		case ev, more := <-events:
			if !more {
				return sig, nil
			}
			if ev.err == nil && !f.app.quiet {
				ev.err = f.lines.event(ev.Event)
			}
			if ev.err != nil {
				return sig, ev.err
			}
		case s := <-f.notify:
			switch {
			case sig == nil:
				sig, first, late = s, f.app.now(), time.After(patience)
				f.pause(ctx, s)
			case s != sig || f.app.now().Sub(first) >= sameSignal:
				return s, errLeave
			}
		case <-late:
			cut = f.cut(ctx)
		}
	}
}

// event is an event, or why there are no more.
type event struct {
	pawl.Event
	err error
}

// events delivers the run's events until it is at rest or ctx ends.
func (f *following) events(ctx context.Context) <-chan event {
	c := make(chan event)
	go func() {
		defer close(c)
		for ev, err := range f.store.engine.Events(ctx, f.id, f.after) {
			select {
			case c <- event{ev, err}:
			case <-ctx.Done():
				return
			}
		}
	}()
	return c
}

// cut ends the calls in flight, and with them the run's events. The channel is
// closed when that is done.
func (f *following) cut(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	go func() {
		defer close(done)
		_ = f.store.engine.Close(ctx) // closed once more, with the store
	}()
	return done
}

// pause asks the run to pause and says so.
func (f *following) pause(ctx context.Context, sig os.Signal) {
	a := f.app
	if err := f.store.engine.Direct(ctx, f.id, pawl.Directive{What: pawl.DirectPause, Who: a.who()}); err != nil {
		return // it has just come to rest
	}
	if !a.quiet {
		f.lines.print(a.now(), fmt.Sprintf("%s: pausing; calls in flight have %s to end, the same again leaves at once", sig, patience))
	}
}
