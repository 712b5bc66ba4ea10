package view

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Start starts a run as Engine.Start does. With an id in the options it starts it once: again
// says that the run was there already. One that was begun with another input, model, budget,
// prompts or breakpoints, or by a schedule, is ErrConflict.
func (v *View) Start(ctx context.Context, f pawl.Flow, input json.RawMessage, o *pawl.StartOptions) (id pawl.RunID, again bool, err error) {
	if o.ID == "" {
		id, err = v.engine.Start(ctx, f, input, o)
		return id, false, err
	}
	err = v.Once(ctx, o.ID, func(there bool) (err error) {
		again = there
		if id, err = v.engine.Start(ctx, f, input, o); err == nil && there {
			err = v.checkSame(ctx, id, f, o)
		}
		return err
	})
	return id, again, err
}

// Once does what makes a run of an id, and says whether that is there; who else would make it
// here waits so long.
func (v *View) Once(ctx context.Context, id pawl.RunID, do func(there bool) error) error {
	defer v.starts.lock(string(id))()
	rows, err := v.journal.Runs(ctx, pawl.RunFilter{Prefix: id, Limit: 1})
	if err != nil {
		return err
	}
	return do(len(rows) > 0)
}

// checkSame refuses a run that was begun with other choices than these. Flow, input and
// base the engine has compared.
func (v *View) checkSame(ctx context.Context, id pawl.RunID, f pawl.Flow, o *pawl.StartOptions) error {
	events, err := v.journal.Read(ctx, id, 0, 1)
	if err != nil {
		return err
	}
	was, err := journal.Decode[journal.Created](events[0])
	if err != nil {
		return err
	}
	based := o.Base != nil // what is not chosen then is the base's
	model := was.Forced == (o.Model != "") && (o.Model == "" || was.Model == o.Model) || based && o.Model == ""
	fallback := slices.Equal(was.Fallback, o.Fallback) || based && len(o.Fallback) == 0
	budget := reflect.DeepEqual(was.Budget, o.Budget) || based && o.Budget == nil
	if model && fallback && budget && hasPrompts(was.Prompts, f, based) && was.Schedule == o.Schedule && was.Step == o.Step && slices.Equal(was.Break, o.Break) {
		return nil
	}
	return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: "run " + string(id) + " was begun with another model, budget, prompts or breakpoints, or by a schedule"}
}

// hasPrompts reports whether a run was begun with the prompts that a flow has in the place
// of its own; with a base also with those of the base.
func hasPrompts(was []pawl.Replaced, f pawl.Flow, based bool) bool {
	var given []pawl.PromptFile
	if with, ok := f.(interface{ Replaced() []pawl.PromptFile }); ok {
		given = with.Replaced()
	}
	for _, p := range given {
		digest := journal.Digest([]byte(p.Text))
		if !slices.ContainsFunc(was, func(r pawl.Replaced) bool { return r.Name == p.Name && r.Digest == digest }) {
			return false
		}
	}
	return based || len(was) == len(given)
}

// keyed is a lock for each key that somebody holds or waits for.
type keyed struct {
	mu   sync.Mutex
	held map[string]*keyedLock
}

type keyedLock struct {
	sync.Mutex
	waiting int
}

// lock locks a key and returns what unlocks it.
func (k *keyed) lock(key string) (unlock func()) {
	k.mu.Lock()
	if k.held == nil {
		k.held = map[string]*keyedLock{}
	}
	l := k.held[key]
	if l == nil {
		l = &keyedLock{}
		k.held[key] = l
	}
	l.waiting++
	k.mu.Unlock()
	l.Lock()
	return func() {
		l.Unlock()
		k.mu.Lock()
		defer k.mu.Unlock()
		if l.waiting--; l.waiting == 0 {
			delete(k.held, key)
		}
	}
}
