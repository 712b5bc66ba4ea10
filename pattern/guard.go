package pattern

import (
	"strings"

	"github.com/pawlrun/pawl"
)

// Check is a question about what is asked for, beside the answer: whether it may be
// answered. It is a branch of the guard.
type Check struct {
	Name string // of the branch
	May  func(r *pawl.Run) (Verdict, error)
}

// Verdict is what a check came to. It serves as the answer of a model, too.
type Verdict struct {
	Reason string `json:"reason" jsonschema:"why it may pass or not, in one sentence" pawl:"len=1..500"`
	Pass   bool   `json:"pass" jsonschema:"whether it may pass"`
}

// Guarded is an answer that is held back unless all checks let it pass.
type Guarded[T any] struct {
	answer  T
	Refused []Refused // none: it passes
}

// Answer returns the answer, or why it is held back: a *[Refusal].
func (g Guarded[T]) Answer() (T, error) {
	if len(g.Refused) > 0 {
		var none T
		return none, &Refusal{g.Refused}
	}
	return g.answer, nil
}

// Refusal says which checks did not let an answer pass.
type Refusal struct{ Refused []Refused }

// Refused is a check that did not let an answer pass.
type Refused struct {
	Check  string `json:"check"`
	Reason string `json:"reason"`
}

func (f *Refusal) Error() string {
	parts := make([]string, len(f.Refused))
	for i, c := range f.Refused {
		parts[i] = c.Check + ": " + c.Reason
	}
	return "held back by " + strings.Join(parts, "; ")
}

// Guard makes an answer and has it checked at the same time: by whom asks whether such a
// thing may be answered at all, not whether the answer is good, for which gates are. The
// branches are answer and the checks' names, and their keys begin with name/BRANCH/.
//
// The answer is paid for also where it is held back: that is the price of not waiting for
// the checks before.
func Guard[T any](r *pawl.Run, name string, answer func(r *pawl.Run) (T, error), checks ...Check) Guarded[T] {
	var g Guarded[T]
	verdicts := make([]Verdict, len(checks))
	branches := []pawl.Branch{pawl.Go("answer", func(r *pawl.Run) (err error) {
		g.answer, err = answer(r)
		return err
	})}
	for i, c := range checks {
		//pawlvet:ignore whoever calls Guard names the checks, as constants
		branches = append(branches, pawl.Go(c.Name, func(r *pawl.Run) (err error) {
			verdicts[i], err = c.May(r)
			return err
		}))
	}
	pawl.Parallel(r, name, branches...)
	for i, v := range verdicts {
		if !v.Pass {
			g.Refused = append(g.Refused, Refused{checks[i].Name, v.Reason})
			r.Note("%s: held back by %s: %s", name, checks[i].Name, v.Reason)
		}
	}
	return g
}
