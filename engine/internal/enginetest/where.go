package enginetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// whereCases are flows that fail, and what the error of their result says behind the
// run's id.
var whereCases = []struct {
	flow func(r *pawl.Run) error
	says string
	step pawl.Key
}{
	{func(r *pawl.Run) error { pawl.Ask(r, "a", Text("A")); return nil }, ` of where, step "a": refused: no`, "a"},
	{func(r *pawl.Run) error { return errors.New("lost") }, ` of where: lost`, ""},
	{func(r *pawl.Run) error {
		_, err := pawl.TryAsk(r, "a", Text("A"))
		return err
	}, ` of where, step "a": refused: no`, "a"},
	{func(r *pawl.Run) error {
		pawl.Map(r, "items", []int{1, 2}, func(_ *pawl.Run, i int) (int, error) { return i, map[int]error{2: errors.New("odd")}[i] })
		return nil
	}, ` of where, step "items[1]": odd`, "items[1]"},
	{func(r *pawl.Run) error {
		pawl.Parallel(r, "both", pawl.Go("x", func(*pawl.Run) error { return nil }), pawl.Go("y", func(*pawl.Run) error { panic("oh") }))
		return nil
	}, ` of where, step "both/y": panic: oh`, "both/y"},
	{func(r *pawl.Run) error {
		sub := pawl.New("sub", "Sub.", func(*pawl.Run, Topic) (int, error) { return 0, errors.New("sank") })
		pawl.Call(r, "sub", sub, Topic{})
		return nil
	}, ` of where, step "sub": sank`, "sub"},
	{func(r *pawl.Run) error {
		res := pawl.TryMap(r, "items", []int{1, 2}, func(r *pawl.Run, i int) (string, error) {
			if i == 1 {
				return "", fmt.Errorf("own: %w", context.Canceled)
			}
			return pawl.Ask(r, "deep", Text("D")), nil
		})
		own, deep := res[0].Err, res[1].Err
		if !errors.Is(own, context.Canceled) || !errors.Is(deep, pawl.ErrorKind(llm.Refused)) {
			return fmt.Errorf("the branches' errors are %v and %v", own, deep)
		}
		return fmt.Errorf("%s at %s; %s at %s", own, pawl.AsError(own, "").Step, deep, pawl.AsError(deep, "").Step)
	}, ` of where: own: context canceled at items[0]; refused: no at items[1]/deep`, ""},
}

// errorsSayWhere: the error of a run names its flow, run and step, and none of them
// twice; that of a step or branch inside carries its key.
func errorsSayWhere(t *testing.T, open store) {
	for _, c := range whereCases {
		f := pawl.New("where", "Fails.", func(r *pawl.Run, in Topic) (int, error) { return 0, c.flow(r) })
		m := &Script{Replies: map[string][]any{}}
		for _, key := range []string{"a", "items[1]/deep"} {
			m.Replies[key] = []any{&llm.Error{Kind: llm.Refused, Message: "no"}}
		}
		e := open(m, f)
		h, err := pawl.Start(t.Context(), e, f, Topic{Topic: "x"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Result(t.Context())
		var own *pawl.Error
		if !errors.As(err, &own) || own.Run != h.ID() || own.Flow != "where" || own.Step != c.step {
			t.Errorf("error %#v, want run %s and step %q", err, h.ID(), c.step)
		}
		if got, want := err.Error(), "run "+string(h.ID())+c.says; !strings.HasPrefix(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		for _, s := range Status(t, e, h.ID()).Steps {
			if s.Status == pawl.StepRunning {
				t.Errorf("%s of a failed run is %s", s.Key, s.Status)
			}
		}
	}
}
