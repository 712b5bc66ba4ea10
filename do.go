package pawl

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/schema"
)

// Do runs code with effects as a step and returns its recorded result. in is
// data: it is journaled and digested, and fn should depend on nothing else. fn
// runs beside other branches' steps, so it must not touch variables of the flow.
//
// An error of fn fails the step at once, unless it is one that will pass: Transient
// and RetryAfter say so, or that an *Error or *llm.Error has a transient kind, and of a
// Repeatable one also that it is a time-out of the network or of Timeout. Then fn runs
// again, see Tries. After a crash in the middle of fn it runs again; IdempotencyKey lets
// the outside world notice.
//
// A result type without a form in JSON that can be read back, such as one with a
// func, a channel or an interface with methods, fails the run before fn runs. If only
// the value tells, the step fails and says that fn has run: a person can supply the
// result.
//
// If the type of the result has a field marked sensitive, views show none of it.
func Do[In, Out any](r *Run, name string, in In, fn func(context.Context, In) (Out, error), opts ...DoOption) Out {
	raw, err := r.host.Step(doStep(name, in, fn, calledFrom(), opts))
	must(err)
	return taken[Out](name, raw)
}

// TryDo is Do that returns an error of fn, as an *Error. It is then the step's result:
// a replay returns it again. At an error of the surroundings, one that was to pass and
// has not, or of a kind such as auth, the step stands still as in a Do; see
// [ErrorKind.OfQuestion].
func TryDo[In, Out any](r *Run, name string, in In, fn func(context.Context, In) (Out, error), opts ...DoOption) (out Out, err error) {
	s := doStep(name, in, fn, calledFrom(), opts)
	s.Try = true
	raw, err := r.host.Step(s)
	if err != nil {
		return out, err
	}
	return taken[Out](name, raw), nil
}

// Exec is Do for an effect without a result: its code returns nothing but an error.
func Exec[In any](r *Run, name string, in In, fn func(context.Context, In) error, opts ...DoOption) {
	nothing := func(ctx context.Context, in In) (*struct{}, error) { return nil, fn(ctx, in) }
	_, err := r.host.Step(doStep(name, in, nothing, calledFrom(), opts))
	must(err)
}

func doStep[In, Out any](name string, in In, fn func(context.Context, In) (Out, error), from uintptr, opts []DoOption) host.Step {
	raw, err := schema.Marshal(in)
	if err != nil {
		must(fmt.Errorf("step %q: input %T: %w", name, in, err))
	}
	t := reflect.TypeFor[Out]()
	result := resultOf(t)
	if result.bad != nil {
		must(fmt.Errorf("step %q: result %s: %w", name, t, result.bad))
	}
	s := host.Step{Name: name, Caller: from, Do: &host.DoStep{Input: raw, Sensitive: result.sensitive}}
	s.Do.Fn = func(ctx context.Context, key string, raw json.RawMessage) (json.RawMessage, error) {
		in, err := decode[In](raw)
		if err != nil {
			return nil, err
		}
		out, err := fn(context.WithValue(ctx, idempotencyKey{}, key), in)
		if err != nil {
			return nil, err
		}
		return recordable(out)
	}
	s.Do.Fits = func(c *host.Candidate) error {
		out, err := decodeOnce[Out](c)
		if err != nil || string(c.JSON) != "null" {
			return err
		}
		if raw, err := schema.Marshal(out); err != nil || string(raw) != "null" { // which decoding takes for any type
			return fmt.Errorf("is null, wants %s", reflect.TypeFor[Out]())
		}
		return nil
	}
	for _, opt := range opts {
		opt.applyDo(&s)
	}
	return s
}

// resultType is what is known of the type of a result before there is one.
type resultType struct {
	bad       error // it cannot be recorded
	sensitive bool
}

// results are those types: a replay takes every step that there was.
var results sync.Map // of resultType by reflect.Type

func resultOf(t reflect.Type) resultType {
	if known, ok := results.Load(t); ok {
		return known.(resultType)
	}
	r := resultType{schema.RoundTrips(t), schema.Sensitive(t)}
	results.Store(t, r)
	return r
}

// recordable returns a result as it is recorded, once it has been read back: an
// effect whose result a replay could not take would have to be had again.
func recordable[Out any](out Out) (json.RawMessage, error) {
	raw, err := schema.Marshal(out)
	if err == nil {
		if _, bad := decode[Out](raw); bad != nil {
			err = fmt.Errorf("what is written of it does not fit its type: %w", bad)
		}
	}
	if err != nil {
		return nil, &Error{Kind: ErrStep, Err: err,
			Message: fmt.Sprintf("its code has run, but its result cannot be recorded: %v", err),
			Hint:    "supply the result; to resume would run the code again"}
	}
	return raw, nil
}

type idempotencyKey struct{}

// IdempotencyKey returns, inside a Do, a string that is the same for every
// attempt of this step of this run and different for every other. Give it to a
// service that ignores repeated requests. Elsewhere it is empty.
func IdempotencyKey(ctx context.Context) string {
	key, _ := ctx.Value(idempotencyKey{}).(string)
	return key
}

// DoOption changes how a Do is executed: Repeatable, Fresh, Tries, a Timeout, a Purpose,
// Was.
type DoOption interface{ applyDo(*host.Step) }

// DoTrait is a DoOption that is on or off.
type DoTrait int

const (
	// Repeatable says that running the code twice is harmless, so that nothing
	// need be journaled before it runs.
	Repeatable DoTrait = iota + 1

	// Fresh says that the result is never reused from a base run.
	Fresh
)

func (t DoTrait) applyDo(s *host.Step) {
	switch t {
	case Repeatable:
		s.Do.Repeatable = true
	case Fresh:
		s.Do.Fresh = true
	}
}

// Tries is how often the code of a Do runs at most in a round while its errors are such
// that will pass; the default is 5. Tries(1) runs it once. A round ends when the step
// stands still, and a person who tries it again begins the next one. The first wait is a
// second, each further one twice as long, a minute at most; see RetryAfter. A run whose
// process ends in between goes on with the count.
type Tries int

func (n Tries) applyDo(s *host.Step) {
	if n < 1 {
		must(fmt.Errorf("step %q: Tries(%d): wants 1 or more", s.Name, n))
	}
	s.Tries = int(n)
}

// Timeout is when the context ends that an attempt of a Do is given; without it that is
// when the engine closes. The code is waited for until it returns. A step that was ended
// so fails, and if it is Repeatable it is tried again.
type Timeout time.Duration

func (d Timeout) applyDo(s *host.Step) {
	if d <= 0 {
		must(fmt.Errorf("step %q: Timeout(%s): wants more than 0", s.Name, time.Duration(d)))
	}
	s.Do.Timeout = time.Duration(d)
}

// Purpose says in one line why a Do or Map exists: "Fetching prices". Without
// it the line is made from the name.
type Purpose string

func (p Purpose) applyDo(s *host.Step)  { s.Purpose = string(p) }
func (p Purpose) applyMap(f *host.Fork) { f.Purpose = string(p) }
