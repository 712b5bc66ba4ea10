package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/cli/internal/tree"
	"github.com/pawlrun/pawl/internal/relay"
	"github.com/pawlrun/pawl/internal/view"
)

// errLeave says that a second signal came: the process is to end at once.
var errLeave = errors.New("leave at once")

// following is a run that this process shows, and executes unless it is a guest.
type following struct {
	app    *app
	store  *store
	run    *view.Follower
	id     pawl.RunID
	after  pawl.Seq // the last event that is not to be shown
	show   func(view.Event) error
	lines  *tree.Lines
	live   *live // nil: there is no tree
	notify <-chan os.Signal
	guest  *guest // nil: this process executes the run
	asked  bool   // what the run waits for was put to the person at the terminal

	heard   *relay.Listener // to answers while they arrive; nil: they are not shown
	answers *tree.Answers   // prints them where there is no tree

	state *stateFile // the record as a file; nil: there is none
}

// following follows a run from behind an event.
func (a *app) following(ctx context.Context, s *store, rec pawl.RunRecord, after pawl.Seq, signals <-chan os.Signal) (*following, error) {
	run, err := s.view.Follow(ctx, rec.ID)
	if err != nil {
		return nil, err
	}
	return a.followingAs(ctx, s, run, rec, after, signals), nil
}

// followingAs is following by a follower that there is.
func (a *app) followingAs(ctx context.Context, s *store, run *view.Follower, rec pawl.RunRecord, after pawl.Seq, signals <-chan os.Signal) *following {
	l := &tree.Lines{Out: a.err, Columns: a.stderr.Columns, Zone: a.zone, Now: a.now, Flow: rec.Flow, Mask: run.Text, NoNotes: a.flow(rec.Flow) == nil}
	f := &following{app: a, store: s, run: run, id: rec.ID, after: after, notify: signals, lines: l}
	f.show = f.line
	f.state = a.saveState(ctx, s, rec.ID)
	if f.live = a.newLive(run.Text); f.live != nil {
		l.NoBegins = true
	}
	if a.quiet {
		f.show = func(view.Event) error { return nil }
	}
	return f
}

// line prints an event as a line, if it is worth one. The line is masked as a whole.
func (f *following) line(ev view.Event) error { return f.lines.Event(ev.Recorded) }

// follow shows the run until it is at rest, and returns the signal that asked
// for that, if one did.
//
// The first signal ends its execution here: no new step begins, and calls in flight are
// waited for, but not for ever. A person's pauses the run; after a machine's it is queued,
// for a worker to take up. The second signal is errLeave. A guest leaves the
// run alone: it goes at the first signal, and when it has seen enough.
func (f *following) follow(ctx context.Context) (sig os.Signal, err error) {
	if err := f.live.begin(ctx, f.run, f.after); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	events := f.events(ctx)
	var asked request
	var cut <-chan struct{}  // not nil: the calls in flight are being cut
	var gone <-chan struct{} // not nil: the engine is being closed
	var last pawl.Seq        // what comes behind it is of others, who have taken the run up; 0: nothing is known
	defer func() {
		cancel()
		if errors.Is(err, errLeave) {
			return // nothing is waited for
		}
		for range events { // until its goroutine has ended
		}
		for _, closing := range []<-chan struct{}{cut, gone} {
			if closing != nil {
				<-closing
			}
		}
	}()
	for {
		select {
		case ev, more := <-events:
			if !more {
				return asked.sig, nil
			}
			if err := f.event(ev); err != nil {
				return asked.sig, err
			}
			f.after = ev.Seq
			if f.guest != nil && f.guest.enough(ev.Seq) {
				return nil, nil
			}
		case <-f.pieces():
			if err := f.takePieces(); err != nil {
				return asked.sig, err
			}
		case <-f.live.due():
			f.live.draw()
		case s := <-f.notify:
			if f.guest != nil {
				return s, nil
			}
			switch asked.heard(s, f.app.now()) {
			case asksFirst:
				if f.sayEnding(s); term.ByPerson(s) {
					f.pause(ctx)
				} else {
					gone = f.close(ctx)
				}
			case insists:
				return s, errLeave
			}
		case <-asked.late:
			cut = f.cut(ctx)
		case <-gone:
			gone = nil
			rec, err := f.app.get(ctx, f.store, f.id)
			if err != nil {
				return asked.sig, err
			}
			last = rec.LastSeq
		}
		if last != 0 && f.after >= last {
			return asked.sig, nil
		}
	}
}

// event is an event, or why there are no more.
type event struct {
	view.Event
	err error
}

// event shows an event, behind the pieces of answers that came before it.
func (f *following) event(ev event) error {
	if ev.err != nil {
		return ev.err
	}
	if err := f.takePieces(); err != nil {
		return err
	}
	f.over(ev.Recorded)
	if err := f.live.event(ev.Recorded); err != nil {
		return err
	}
	if err := f.show(ev.Event); err != nil {
		return err
	}
	if f.state.event(ev.Recorded); !f.app.quiet {
		if err := f.state.failed(); err != nil {
			f.lines.Print(f.app.now(), notSaved(f.state.path, err))
		}
	}
	return f.passed(ev.Recorded)
}

// events delivers the run's events until it is at rest or ctx ends.
func (f *following) events(ctx context.Context) <-chan event {
	c := make(chan event)
	go func() {
		defer close(c)
		for ev, err := range f.run.Events(ctx, f.after) {
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
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	return f.close(ctx)
}

// close closes the engine: the calls in flight end, or are cut when ctx does. The channel
// is closed when that is done.
func (f *following) close(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = f.store.engine.Close(ctx) // closed once more, with the store
	}()
	return done
}

// sayEnding says what the signal has asked for.
func (f *following) sayEnding(sig os.Signal) {
	what := "ending, the run is queued then"
	if term.ByPerson(sig) {
		what = "pausing"
	}
	if !f.app.quiet {
		f.lines.Print(f.app.now(), fmt.Sprintf("%s: %s; calls in flight have %s to end, the same again leaves at once", sig, what, patience(sig)))
	}
}

// pause asks the run to pause. It does not wait for that: flow code that hangs keeps the
// run from hearing, and then the second signal must be heard.
func (f *following) pause(ctx context.Context) {
	f.lines.Pauses = true
	go f.app.pauseRun(ctx, f.store, f.id)
}
