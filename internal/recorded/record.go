package recorded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// Record makes a recorded run anew and returns it: a rerun with the file as its base, so
// that what has not changed is taken over and the rest is asked, with the models of o. A
// person's decision is taken over where the same is asked; where something else is, nobody
// is there to answer, and Record returns an error that names the step. So it does where a
// model cannot be asked, where the file withholds what a test would need, and where the
// flow does not do the same again. A sleep that the file has not takes its time. The
// journal and the flows of o are not looked at.
func Record(ctx context.Context, f pawl.Flow, run *runfile.File, o local.Options) (*runfile.File, error) {
	if key, has := withheld(run); has {
		return nil, &pawl.Error{Kind: pawl.ErrInput, Run: run.Run(), Step: key, Flow: f.Name(),
			Message: fmt.Sprintf("the file withholds the result of step %q, and so would one that is recorded anew", key),
			Hint:    "a recorded run is a test as far as its steps hold nothing that is sensitive"}
	}
	again, err := rerun(ctx, f, run, o)
	if err != nil {
		return nil, err
	}
	misses, err := Check(ctx, f, again)
	if len(misses) > 0 {
		err = &pawl.Error{Kind: pawl.ErrMismatch, Run: again.Run(), Step: misses[0].Key, Flow: f.Name(),
			Message: "the flow does not do again what it did when it was recorded just now: " + strings.TrimSpace(Text(misses[0]))}
	}
	return again, err
}

// withheld returns the first step of which a file withholds what it came to.
func withheld(run *runfile.File) (key pawl.Key, has bool) {
	for _, ev := range run.Events {
		switch ev.Type {
		case pawl.EventAttempt, pawl.EventDecision, pawl.EventReused, pawl.EventOverride:
			if ev.BodyDigest != "" {
				return ev.Key, true
			}
		}
	}
	return "", false
}

// rerun executes a run with the file as its base, in memory, and returns its file.
func rerun(ctx context.Context, f pawl.Flow, run *runfile.File, o local.Options) (*runfile.File, error) {
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
	again, err := execute(ctx, e, f, run)
	if err := errors.Join(err, e.Close(ctx)); err != nil {
		return nil, err
	}
	return runfile.Export(ctx, memory, again, runfile.Options{Flow: f})
}

// execute executes the run that is to be recorded to its rest.
func execute(ctx context.Context, e *local.Engine, f pawl.Flow, run *runfile.File) (pawl.RunID, error) {
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
		return id, isOfUse(mask.Of(f).Record(rec), was)
	}
}

// isOfUse returns an error if a run stands where the recorded one did not, or where a
// model could not be asked.
func isOfUse(rec, was pawl.RunRecord) error {
	e := &pawl.Error{Kind: pawl.ErrConflict, Run: rec.ID, Flow: rec.Flow, Hint: "run the flow by hand and export that run"}
	switch failed := rec.Error; {
	case rec.Ended():
		return nil
	case failed != nil && (rec.Status != was.Status || was.Error == nil || was.Error.Kind != failed.Kind && !failed.Kind.OfQuestion()):
		e.Kind, e.Step, e.Hint = failed.Kind, failed.Step, cmp.Or(failed.Hint, e.Hint)
		e.Message = fmt.Sprintf("the new run fails at step %q: %s", failed.Step, failed.Message)
	case rec.Status != was.Status && len(rec.Blockers) > 0:
		open := rec.Blockers[0]
		e.Step = open.Key
		e.Message = fmt.Sprintf("the new run is %s, since nobody is there to decide on step %q (%s)", rec.Status, open.Key, open.Question)
	default:
		return nil
	}
	return e
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
