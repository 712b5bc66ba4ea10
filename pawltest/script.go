package pawltest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Script is a model that answers from a list: for each step, by its key, the
// answers to its attempts in order. An answer is
//
//   - a string: the text as it stands;
//   - an error, an *llm.Error as a rule: the attempt fails with it;
//   - a func(llm.Request) string, which is called, perhaps from several
//     goroutines at once;
//   - anything else: its JSON.
//
// A request that it does not foresee fails the test, and so do answers that a run
// which is done when the test ends has never asked for, unless another model
// stands around the script. A Script holds no state: several runs may share one.
type Script map[pawl.Key][]any

// Item returns what begins the keys of a Map's item that has an identity (pawl.By), as it
// stands in them: Item("topics", "the moon") is "topics[=the%20moon]".
func Item(scope pawl.Key, id string) pawl.Key {
	return scope + "[=" + pawl.Key(host.Identity(id, false)) + "]"
}

// Or returns a model that answers by the script, and as rest does where the script has no
// answers for a step at all: offline.Model{}, say. Answers that are never asked for then
// do not fail the test.
func (s Script) Or(rest llm.Model) llm.Model {
	return llm.Func(func(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
		if len(s[pawl.Key(req.Meta.Key)]) == 0 {
			return rest.Generate(ctx, req, stream)
		}
		return s.Generate(ctx, req, stream)
	})
}

// Generate implements [llm.Model].
func (s Script) Generate(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	answers, n := s[pawl.Key(req.Meta.Key)], max(req.Meta.Attempt, 1)
	if n > len(answers) {
		err := &unforeseen{script: s, req: req}
		return llm.Response{}, &llm.Error{Kind: llm.Invalid, Message: err.Error(), Err: err}
	}
	switch a := answers[n-1].(type) {
	case string:
		return llm.Response{Text: a}, nil
	case error:
		return llm.Response{}, a
	case func(llm.Request) string:
		return llm.Response{Text: a(req)}, nil
	default:
		raw, err := schema.Marshal(a)
		if err != nil {
			return llm.Response{}, &llm.Error{Kind: llm.Invalid, Message: fmt.Sprintf("answer %d to %q has no JSON: %v", n, req.Meta.Key, err), Err: err}
		}
		return llm.Response{Text: string(raw)}, nil
	}
}

// unforeseen is a request without an answer.
type unforeseen struct {
	script Script
	req    llm.Request
}

func (u *unforeseen) Error() string {
	key := pawl.Key(u.req.Meta.Key)
	var has string
	switch n := len(u.script[key]); {
	case len(u.script) == 0:
		has = "which is empty"
	case n > 0:
		has = fmt.Sprintf("which has %d for it", n)
	default:
		var keys []string
		for _, k := range slices.Sorted(maps.Keys(u.script)) {
			keys = append(keys, fmt.Sprintf("%q", k))
		}
		has = "which answers " + strings.Join(keys, ", ")
	}
	return fmt.Sprintf("request %d of %q is not in the script, %s", max(u.req.Meta.Attempt, 1), key, has)
}

// unasked says which answers were never asked for, or "". asked holds how many of
// each step were.
func (s Script) unasked(asked map[pawl.Key]int) string {
	var left []string
	for _, key := range slices.Sorted(maps.Keys(s)) {
		if n := len(s[key]) - asked[key]; n > 0 {
			left = append(left, fmt.Sprintf("%d of %d of %q", n, len(s[key]), key))
		}
	}
	return strings.Join(left, ", ")
}
