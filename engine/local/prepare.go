package local

import (
	"cmp"
	"context"
	crand "crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// newRun is a run that is to be created.
type newRun struct {
	flow     pawl.Flow // as it asks
	own      pawl.Flow // as it was made
	replaced bool      // prompts of it are
	created  journal.Created
	row      journal.NewRun
	first    []journal.Draft // its first events
	base     *base           // nil: it has none
}

// prepare checks all that a caller chose for a new run, and makes nothing. calls says that
// the run is to be executed here, and must have the keys of its models.
func (e *Engine) prepare(ctx context.Context, f pawl.Flow, input json.RawMessage, o *pawl.StartOptions, calls bool) (*newRun, error) {
	base, err := e.base(ctx, f, o.Base)
	if err != nil {
		return nil, err
	}
	checked := o.Checked
	if base != nil {
		switch {
		case isNone(input) && base.st.LacksInput():
			return nil, &pawl.Error{Kind: pawl.ErrInput, Run: base.Run, Message: fmt.Sprintf("the file that run %s was imported from withholds its input", base.Run), Hint: "give an input"}
		case isNone(input):
			input, checked = base.st.Created.Input, false // it may be of another build
		}
		if f, err = base.prompted(f); err != nil {
			return nil, err
		}
	}
	if !checked {
		if input, err = f.CheckInput(input); err != nil {
			return nil, pawl.AsError(err, pawl.ErrInput)
		}
	}
	if err := cmp.Or(replay.CheckBudget(o.Budget), checkID(o), exec.CheckTrace(o.Trace)); err != nil {
		return nil, err
	}
	own, prompts := apart(f)
	info := f.Describe()
	model := replay.Model{Name: cmp.Or(o.Model, e.model), Forced: o.Model != "", Fallback: o.Fallback}
	budget := o.Budget
	switch {
	case base != nil:
		model, budget = base.model(o, e.model), base.budget(o.Budget)
	case o.Queue && !e.remote:
		model.Name = o.Model // else the default of whoever takes it up
	}
	if err := e.checkModels(info, model, o.Queue); err != nil && (calls || !errors.Is(err, pawl.ErrorKind(llm.Auth))) {
		return nil, err
	}
	if err := cmp.Or(model.CheckSchemas(e.models, info), e.checkPrices(info, model, budget)); err != nil {
		return nil, err
	}
	n := &newRun{flow: f, own: own, replaced: len(prompts) > 0, base: base}
	secret := []byte(crand.Text())
	blobs := [][]byte{secret}
	for _, p := range prompts {
		blobs = append(blobs, []byte(p.Text))
	}
	n.created = journal.Created{Flow: f.Name(), Fingerprint: own.Describe().Fingerprint, Model: model.Name, Forced: model.Forced, Fallback: model.Fallback, Seed: rand.Uint64(), SecretDigest: journal.Digest(secret), Input: input,
		Who: o.Who, Trace: o.Trace, Schedule: o.Schedule, Program: e.program, Version: MainVersion(), Parts: own.Describe().Parts, Prompts: exec.Replaced(prompts), Budget: budget, Step: o.Step, Break: o.Break}
	n.row = journal.NewRun{ID: cmp.Or(o.ID, pawl.NewRunID()), Flow: f.Name(), Model: model.Name, Program: e.program, Schedule: o.Schedule, Blobs: blobs, Summary: journal.Summary{Status: pawl.StatusRunning}}
	if o.Queue {
		n.row.Queued, n.row.Summary = true, journal.Summary{Status: pawl.StatusQueued, Reason: replay.NotBegun}
	}
	if base != nil {
		n.created.Seed, n.created.Base = base.st.Created.Seed, base.body(o)
		n.row.Base = n.created.Base.Run
	}
	n.first = []journal.Draft{{Type: pawl.EventCreated, At: now(), Body: n.created}}
	if base != nil {
		n.first = append(n.first, base.drafts(o.Who)...)
		for i := range n.first[1:] { // the first has its secret's digest
			n.first[1+i].Salt = crand.Text()
		}
		e.cache.put(base.st) // it is read again when the run begins
	}
	return n, nil
}

// checkID refuses the id that a run is to have if it is none, or its base's.
func checkID(o *pawl.StartOptions) error {
	switch {
	case o.ID == "":
		return nil
	case !o.ID.Valid():
		return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("run id %q: wants 12 characters of 0-9 and a-v", o.ID)}
	case o.Base != nil && o.Base.Run == o.ID:
		return &pawl.Error{Kind: pawl.ErrInput, Run: o.ID, Message: fmt.Sprintf("run id %q is that of the base: a rerun is another run", o.ID)}
	}
	return nil
}

// isNone reports whether an input says nothing.
func isNone(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
