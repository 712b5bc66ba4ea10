package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/internal/view"
)

// showStep shows one step whole.
func (a *app) showStep(ctx context.Context, name, key string, noPager bool) error {
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	var shown view.Step
	run, err := a.find(ctx, s, name)
	if err == nil {
		shown, err = s.view.Step(ctx, run.ID, pawl.Key(key))
	}
	if errors.Is(err, pawl.ErrNotFound) && run.ID != "" {
		var rec pawl.RunRecord
		if rec, err = s.view.Run(ctx, run.ID); err == nil {
			err = unknownStep(rec, pawl.Key(key))
		}
	}
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	switch {
	case a.json:
		return a.printJSON(shown)
	case a.quiet:
		fmt.Fprintln(a.out, shown.Step.Status)
		return nil
	}
	return a.paged(noPager, func(to io.Writer) {
		p := &page.Page{Out: to, Ink: a.ink(a.stdout), Zone: a.zone, Begun: run.CreatedAt.Time, StandIn: a.isStandIn}
		p.Step(run.ID, shown)
	})
}

func unknownStep(rec pawl.RunRecord, key pawl.Key) error {
	if len(rec.Steps) == 0 {
		return badInput("unknown step %q; run %s has no steps yet", key, rec.ID)
	}
	var keys []string
	for _, s := range rec.Steps {
		keys = append(keys, string(s.Key))
	}
	return unknownKey(key, keys, "steps of run "+string(rec.ID))
}

// unknownKey is the error of a key that is none of these, which are the steps of something.
func unknownKey(key pawl.Key, keys []string, steps string) error {
	const most = 20
	all := steps + " are " + strings.Join(keys[:min(len(keys), most)], ", ")
	if len(keys) > most {
		all += fmt.Sprintf(" and %d more", len(keys)-most)
	}
	return unknown("step", string(key), keys, all)
}
