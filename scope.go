package pawl

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/schema"
)

// Map runs fn once for each item, each in a branch of its own, and returns the
// results in the items' order. The keys of a branch's steps begin with "name[i]/",
// and with By "name[=id]/": then an item keeps its results wherever it stands in a
// later execution. Branches take turns between their steps, so they may share
// variables; their steps' work runs side by side.
//
// No more than a Limit of branches work at once; with InOrder each begins when the one
// before has ended.
//
// An error that fn returns fails the run. A step of a branch that cannot finish
// stops that branch, the others go on, and Map does not return.
func Map[In, Out any](r *Run, name string, items []In, fn func(*Run, In) (Out, error), opts ...MapOption) []Out {
	out := make([]Out, len(items))
	r.host.Fork(mapFork(r, name, items, fn, calledFrom(), opts, func(i int, v Out) { out[i] = v }))
	return out
}

// TryMap is Map that returns each branch's result or failure. The failure of a step in
// a branch ends the branch and is final, so that a replay returns it again, if it lies
// in the question (see TryAsk). At trouble of the surroundings the step stands still,
// the other branches go on, and TryMap does not return until that is over.
func TryMap[In, Out any](r *Run, name string, items []In, fn func(*Run, In) (Out, error), opts ...MapOption) []Result[Out] {
	out := make([]Result[Out], len(items))
	f := mapFork(r, name, items, fn, calledFrom(), opts, func(i int, v Out) { out[i].Value = v })
	f.Try = true
	for i, err := range r.host.Fork(f) {
		out[i].Err = err
	}
	return out
}

// Result is a branch's result or its failure.
type Result[Out any] struct {
	Value Out
	Err   error // an *Error with the step that could not finish, or of what the branch returned with the branch's key
}

func mapFork[In, Out any](r *Run, name string, items []In, fn func(*Run, In) (Out, error), from uintptr, opts []MapOption, set func(int, Out)) host.Fork {
	f := host.Fork{Name: name, Caller: from, Kind: KindMap, N: len(items), Limit: 16}
	f.Run = func(h host.Host, i int) error {
		v, err := fn(r.branch(h), items[i])
		if err == nil {
			set(i, v)
		}
		return err
	}
	for _, opt := range opts {
		if by, ok := opt.(identity); ok {
			f.IDs = identities(name, items, by)
		}
		opt.applyMap(&f)
	}
	return f
}

// MapOption changes how a Map is executed: By, a Limit, InOrder, a Purpose, Was.
type MapOption interface{ applyMap(*host.Fork) }

// Limit is how many branches of a Map may work at once; the default is 16, and zero or
// less is no limit.
//
// A branch that stands on anything but an attempt gives its place up: one that waits
// for a person, an event or a time, or whose step has failed, is over the budget, has
// stopped at a breakpoint or does not fit what is recorded. So does one with a Map,
// Parallel or Call in it of which all branches stand. When it may go on it gets a place
// before new items begin, in the order in which those that wait for one might go on
// again. An attempt takes up its place until it has come to an end, with the pauses
// before it is made again: what is tried again is work, and more of it at once would
// not help whoever refuses it. An ask that is held back with others, for a budget that
// another asks about or a provider that refuses the account, keeps its place too.
//
// So with Limit(1) items are begun in order, but while one stands the next ones are
// under way. InOrder lets each end before the next begins.
type Limit int

func (l Limit) applyMap(f *host.Fork) { f.Limit, f.InOrder = int(l), false }

// MapTrait is a MapOption that is on or off.
type MapTrait int

// InOrder has a Map go through its items one after another: each begins when the one
// before has ended, even if that stands for a week. Then a branch may use what those
// before it have come to. It takes the place of a Limit.
const InOrder MapTrait = 1

func (t MapTrait) applyMap(f *host.Fork) { f.InOrder = t == InOrder }

// Parallel runs branches side by side and returns when all have ended. The keys
// of a branch's steps begin with "name/branch/". Branches take turns between
// their steps, so they may set variables of the flow around them.
//
// Errors and failures are those of Map.
func Parallel(r *Run, name string, branches ...Branch) {
	f := host.Fork{Name: name, Caller: calledFrom(), Kind: KindParallel, N: len(branches)}
	for _, b := range branches {
		f.Names = append(f.Names, b.name)
	}
	f.Purpose = host.PurposeOf("", name) + ": " + strings.Join(f.Names, ", ")
	f.Run = func(h host.Host, i int) error { return branches[i].fn(r.branch(h)) }
	r.host.Fork(f)
}

// Branch is one branch of a Parallel; see Go.
type Branch struct {
	name string
	fn   func(*Run) error
}

// Go names a branch of a Parallel.
func Go(name string, fn func(*Run) error) Branch { return Branch{name: name, fn: fn} }

// Call runs another flow inside this run: same journal, same model, keys that
// begin with "name/". Its error fails the run. It asks with its own prompts;
// replacements of the calling flow's do not reach it.
func Call[In, Out any](r *Run, name string, f *FlowOf[In, Out], in In, opts ...CallOption) Out {
	out, _ := call(r, name, f, in, false, calledFrom(), opts)
	return out
}

// TryCall is Call that returns the flow's error, or the failure of a step in it: an
// *Error. What an input that the flow does not take comes to fails the run all the same.
func TryCall[In, Out any](r *Run, name string, f *FlowOf[In, Out], in In, opts ...CallOption) (Out, error) {
	return call(r, name, f, in, true, calledFrom(), opts)
}

func call[In, Out any](r *Run, name string, f *FlowOf[In, Out], in In, try bool, from uintptr, opts []CallOption) (out Out, err error) {
	raw, err := schema.Marshal(in)
	if err != nil {
		must(fmt.Errorf("call %q: input %T: %w", name, in, err))
	}
	if raw, err = f.CheckInput(raw); err != nil {
		must(&Error{Kind: ErrFlow, Message: fmt.Sprintf("call %q: %v", name, err), Err: err})
	}
	var result json.RawMessage
	fork := host.Fork{Name: name, Caller: from, Kind: KindCall, Purpose: f.info.Purpose, N: 1, Try: try}
	fork.Run = func(h host.Host, _ int) (err error) {
		result, err = f.Invoke(h, raw)
		return err
	}
	for _, opt := range opts {
		opt.applyCall(&fork)
	}
	errs := r.host.Fork(fork)
	if try && errs[0] != nil {
		return out, errs[0]
	}
	return taken[Out](name, result), nil
}

// CallOption changes how a Call is executed: Was.
type CallOption interface{ applyCall(*host.Fork) }
