package recorded

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// Record makes a recorded run anew and returns it: a rerun with the file as its base, so
// that what has not changed is taken over and the rest is asked, with the models of o. A
// person's decision is taken over where the same is asked; where something else is, nobody
// is there to answer, and Record returns an error that names the step. The journal and the
// flows of o are not looked at.
func Record(ctx context.Context, f pawl.Flow, run *runfile.File, o local.Options) (*runfile.File, error) {
	memory := journal.NewMemory()
	defer memory.Close()
	base, err := run.Imported()
	if err != nil {
		return nil, err
	}
	if _, err := memory.Import(ctx, base); err != nil {
		return nil, err
	}
	o.Journal, o.Flows = memory, []pawl.Flow{f}
	e := local.New(&o)
	again, err := rerun(ctx, e, f, run)
	if err := errors.Join(err, e.Close(ctx)); err != nil {
		return nil, err
	}
	return runfile.Export(ctx, memory, again, runfile.Options{Flow: f})
}

// rerun executes the run that is to be recorded to its rest.
func rerun(ctx context.Context, e *local.Engine, f pawl.Flow, run *runfile.File) (pawl.RunID, error) {
	was, err := e.Get(ctx, run.Run())
	if err != nil {
		return "", err
	}
	id, err := e.Start(ctx, f, nil, &pawl.StartOptions{Base: &pawl.Base{Run: was.ID}, Who: was.Who})
	if err != nil {
		return "", err
	}
	shown, err := decided(run)
	if err != nil {
		return "", err
	}
	for {
		rec, err := e.Wait(ctx, id)
		if err != nil {
			return "", err
		}
		again, err := decide(ctx, e, rec, shown)
		if err != nil {
			return "", err
		}
		if again {
			continue
		}
		if open := rec.Blockers; !rec.Ended() && len(open) > 0 && rec.Status != was.Status {
			return "", &pawl.Error{Kind: pawl.ErrConflict, Step: open[0].Key, Flow: f.Name(),
				Message: fmt.Sprintf("the new run is %s, since nobody is there to decide on step %q (%s)", rec.Status, open[0].Key, open[0].Question),
				Hint:    "run the flow by hand and export that run"}
		}
		return id, nil
	}
}

// decided are the decisions of people in a recorded run, by the step and the digest of what
// was shown.
func decided(run *runfile.File) (map[pawl.Key]map[string]journal.Decision, error) {
	all := map[pawl.Key]map[string]journal.Decision{}
	for _, ev := range run.Events {
		if ev.Type != pawl.EventDecision || ev.Key == "" {
			continue
		}
		d, err := journal.Decode[journal.Decision](ev)
		if err != nil {
			return nil, err
		}
		switch d.What {
		case pawl.DecideApprove, pawl.DecideReject, pawl.DecideAnswer, pawl.DecideSupply, pawl.DecideSkip:
		default:
			continue
		}
		if d.Expired || d.Digest == "" {
			continue
		}
		if all[ev.Key] == nil {
			all[ev.Key] = map[string]journal.Decision{}
		}
		all[ev.Key][d.Digest] = d
	}
	return all, nil
}

// decide makes the recorded decision on what is open, where the same was shown, and
// reports whether it made one.
func decide(ctx context.Context, e *local.Engine, rec pawl.RunRecord, shown map[pawl.Key]map[string]journal.Decision) (made bool, err error) {
	for _, b := range rec.Blockers {
		d, ok := shown[b.Key][b.Digest]
		if !ok {
			continue
		}
		delete(shown[b.Key], b.Digest) // once: if it is not taken, that is no reason to go on for ever
		err := e.Decide(ctx, rec.ID, pawl.Decision{Key: b.Key, What: d.What, Who: d.Who, Comment: d.Comment, Reason: d.Reason, Value: d.Value, Digest: b.Digest})
		if err != nil {
			return made, err
		}
		made = true
	}
	return made, nil
}

// Providers returns the names of the providers that a recorded run has asked, in order.
func Providers(run *runfile.File) (names []string) {
	add := func(model string) {
		if name, _ := llm.Split(model); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, ev := range run.Events {
		switch ev.Type {
		case pawl.EventCreated:
			if b, err := journal.Decode[journal.Created](ev); err == nil {
				add(b.Model)
				for _, model := range b.Fallback {
					add(model)
				}
			}
		case pawl.EventIntent:
			if b, err := journal.Decode[journal.Intent](ev); err == nil {
				add(b.Model)
			}
		}
	}
	slices.Sort(names)
	return names
}
