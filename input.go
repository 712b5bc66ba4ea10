package pawl

import (
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/schema"
)

// Input asks a person for a value and returns it once it has its type, satisfies its
// schema and passes its Validate method. The question is one line: "Where does it
// belong?". It is a step like [Approve]; what a program is to answer is an Await.
func Input[T any](r *Run, name, question string, opts ...InputOption) T {
	w := asking[T](name, host.KindInput, question, calledFrom())
	for _, opt := range opts {
		opt.applyInput(&w)
	}
	raw, err := r.host.Wait(w)
	must(err)
	return taken[T](name, raw)
}

// InputOption changes how a person is asked for a value: Who, Shown, AnswerAfter, Was.
type InputOption interface{ applyInput(*host.Wait) }

// Shown is what a person needs to see for their answer, in any form that JSON has. It
// is data of the step: an answer to what was shown counts for nothing else.
func Shown(v any) InputOption { return shown{v} }

type shown struct{ what any }

func (s shown) applyInput(q *host.Wait) {
	raw, err := schema.Marshal(s.what)
	if err != nil {
		must(fmt.Errorf("step %q: what is shown: %w", q.Name, err))
	}
	q.Proposal = raw
	q.Sensitive = s.what != nil && schema.Sensitive(reflect.TypeOf(s.what))
}

// AnswerAfter is how long a person has to answer, from when they are first asked, and
// the answer that counts then. It has the type of the Input and passes its checks.
func AnswerAfter[T any](d time.Duration, answer T) InputOption { return answerAfter[T]{d, answer} }

type answerAfter[T any] struct {
	after  time.Duration
	answer T
}

func (a answerAfter[T]) applyInput(q *host.Wait) {
	raw, err := schema.Marshal(a.answer)
	if err == nil && q.Schema != nil {
		raw, err = q.Schema.Check(raw)
	}
	for _, g := range q.Gates {
		if err == nil {
			err = g.Check(&host.Candidate{JSON: raw})
		}
	}
	if err != nil {
		must(fmt.Errorf("step %q: AnswerAfter with %s: %w", q.Name, reflect.TypeFor[T](), err))
	}
	until(q, a.after, raw)
}

// asking is what a person is asked, before options.
func asking[T any](name string, kind host.Kind, question string, from uintptr) host.Wait {
	if question == "" {
		must(fmt.Errorf("step %q: the question is empty", name))
	}
	s, err := schemaOf(reflect.TypeFor[T]())
	if err != nil {
		must(fmt.Errorf("step %q: %w", name, err))
	}
	return host.Wait{Name: name, Caller: from, Purpose: question, Kind: kind, Question: question, Schema: s, Gates: typeGates[T](nil)}
}

// schemas are those of the types that people are asked for: every activation of a
// run asks again, and checks what it proposes.
var schemas sync.Map // of *schema.Schema by reflect.Type

func schemaOf(t reflect.Type) (*schema.Schema, error) {
	if s, ok := schemas.Load(t); ok {
		return s.(*schema.Schema), nil
	}
	s, err := schema.ForType(t)
	if err == nil {
		schemas.Store(t, s)
	}
	return s, err
}
