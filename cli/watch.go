package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

func (a *app) watchCommand() *cobra.Command {
	wanted := false
	c := &cobra.Command{
		Use:   "watch RUN",
		Short: "Follow a run that another process executes, to its end",
		Long: "Follow a run that another process executes, from its beginning until it rests.\n" +
			"Nothing is executed and no result is printed; Ctrl-C leaves the run as it is.\n" +
			"RUN is an id, the beginning of one, or last. With --json each event is a line on\n" +
			"standard output. The exit code is 0 for a run that is done, 3 for one that waits\n" +
			"for a person, 4 for a canceled one, and 1 if it failed or was left unfinished.\n" +
			"\n" +
			"--tokens shows answers while the model writes them, from their beginning: below\n" +
			"their steps, as lines \"STEP: text\" where there is no tree, and with --json as\n" +
			"objects of type \"piece\", the last one of an attempt with \"end\". Such a text is\n" +
			"no result: when its attempt ends it is dropped, and what was taken is in the\n" +
			"events. Sensitive answers are not shown.",
		Example: a.example("watch", "last", "--tokens") + "\n" + a.example("watch", "3f2a", "--json"),
		Args:    oneRun,
		RunE: func(c *cobra.Command, args []string) error {
			return a.attend(c.Context(), args[0], a.err, false, wanted)
		},
	}
	approvalFlag(c.Flags(), &wanted)
	a.tokensFlag(c.Flags())
	return c
}

// guest is how a run is followed that this process does not execute.
type guest struct {
	to   *term.Sink // where its events are shown
	last pawl.Seq   // the last event to be shown; 0: the one before the run rests
}

// enough reports whether nothing behind seq is to be shown.
func (g *guest) enough(seq pawl.Seq) bool {
	return g.to.Err() != nil || g.last != 0 && seq >= g.last
}

// attend shows a run's events from the first: lines to a stream, or with --json
// objects to stdout. It ends with the last event that is there now, and then
// all is well, or it goes on until the run rests, and reports that. wanted is a result
// that is approved.
func (a *app) attend(ctx context.Context, name string, to *term.Sink, now, wanted bool) error {
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	rec, err := a.record(ctx, s, name)
	if err != nil {
		return closing(ctx, s, err)
	}
	signals, stop := a.catchSignals()
	defer stop()
	f, err := a.following(ctx, s, rec, 0, signals)
	if err != nil {
		return closing(ctx, s, err)
	}
	f.guest = &guest{to: to}
	if now {
		f.guest.last = rec.LastSeq
	}
	f.lines.Out = to
	if to == a.out {
		f.lines.Columns = a.stdout.Columns
	}
	if a.json || to == a.out { // what goes to stdout may stand on the same terminal
		f.live, f.lines.NoBegins = nil, false
	}
	switch {
	case a.json:
		f.guest.to, f.show = a.out, a.eventLine()
	case to == a.out: // the lines are the result
		f.show = f.line
	}
	if !rec.Ended() {
		defer f.hearOthers(ctx)()
	}
	return a.followGuest(ctx, s, f, delivery{kept: true, wanted: wanted})
}

// followGuest follows a run that another process executes and reports how it
// rests. It closes the store.
func (a *app) followGuest(ctx context.Context, s *store, f *following, d delivery) error {
	sig, rec, err := f.toRest(ctx)
	if err == nil && sig == nil {
		f.live.leave(rec.Status)
	}
	f.live.end()
	f.state.close()
	if err != nil || sig == nil && (f.guest.last != 0 || f.guest.to.Err() != nil) {
		return closing(ctx, s, err)
	}
	d.said, d.took = f.lines.Said, page.Took(s.times(ctx, f.id))
	if err := closing(ctx, s, nil); err != nil {
		return err
	}
	if sig != nil {
		return a.left(f.id, sig)
	}
	a.leaveState(rec)
	return a.report(rec, nil, d)
}

// toRest follows as a guest and returns the run as it stands then. A run that
// rested and was taken up again meanwhile is followed on.
func (f *following) toRest(ctx context.Context) (os.Signal, pawl.RunRecord, error) {
	for {
		sig, err := f.follow(ctx)
		if err != nil || sig != nil {
			return sig, pawl.RunRecord{}, err
		}
		rec, err := f.app.get(ctx, f.store, f.id)
		if err != nil || f.guest.enough(f.after) || rec.LastSeq == f.after {
			return nil, rec, err
		}
	}
}

// eventLine writes events as they may be shown, each as a line of JSON.
func (a *app) eventLine() func(view.Event) error {
	return func(ev view.Event) error { return a.printJSONLine(ev.Event) }
}

// left is the ending of a guest that a signal sent away.
func (a *app) left(id pawl.RunID, sig os.Signal) error {
	return &ending{
		bare: true,
		err:  &pawl.Error{Kind: pawl.ErrInterrupt, Run: id, Message: fmt.Sprintf("run %s is left as it is", id)},
		code: signalExit(sig),
		next: a.command("watch", string(id)),
	}
}
