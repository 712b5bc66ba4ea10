package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
)

// expected is a plan in a line.
func expected(plan []pawl.PlannedStep) string {
	var all []string
	for _, p := range plan {
		all = append(all, fmt.Sprintf("%s:%s", p.Key, p.Expect))
	}
	return strings.Join(all, " ")
}

// TestPlanOfRemovedSteps: a step that the flow asks for no more is said to be removed, once
// the flow has ended without it.
func TestPlanOfRemovedSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flow := func(words string) pawl.Flow {
			return pawl.New("abc", "Does.", func(r *pawl.Run, in topic) (string, error) {
				return pawl.Ask(r, "a", text(words)) + pawl.Ask(r, "c", text("C")), nil
			})
		}
		e := newEngine(checktest.Memory(t), &script{}, abc)
		defer e.Close(t.Context())
		was := finish(t, e, abc)
		for _, tt := range []struct {
			words, want string
			at          pawl.Key
		}{
			{"A", "a:reuse b:removed c:reuse", ""},
			{"A", "a:reuse b:removed c:reuse", "b"},
			{"other", "a:run b:unknown c:unknown", ""},
		} {
			plan, err := e.Plan(t.Context(), flow(tt.words), nil, &pawl.StartOptions{Base: &pawl.Base{Run: was.ID, At: tt.at}})
			if err != nil || expected(plan) != tt.want {
				t.Errorf("%+v: %s, %v", tt, expected(plan), err)
			}
		}
	})
}

// TestPlanOfAFailure: a flow that fails on the way has no plan but that failure, and a
// result that would not be taken is refused as Start refuses it.
func TestPlanOfAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{}
		e := newEngine(checktest.Memory(t), m, abc)
		defer e.Close(t.Context())
		was := finish(t, e, abc)
		fails := pawl.New("abc", "Does.", func(r *pawl.Run, in topic) (string, error) {
			pawl.Ask(r, "a", text("A"))
			return "", errors.New("no luck")
		})
		plan, err := e.Plan(t.Context(), fails, nil, &pawl.StartOptions{Base: &pawl.Base{Run: was.ID}})
		if err == nil || !strings.Contains(err.Error(), "no luck") || errors.Is(err, pawl.ErrInput) {
			t.Errorf("%s, %v", expected(plan), err)
		}
		plan, err = e.Plan(t.Context(), abc, nil, &pawl.StartOptions{Base: &pawl.Base{Run: was.ID, At: "b", Result: json.RawMessage("1")}})
		if !errors.Is(err, pawl.ErrInput) || !strings.Contains(err.Error(), `step "b" is not accepted`) {
			t.Errorf("%s, %v", expected(plan), err)
		}
		plan, err = e.Plan(t.Context(), abc, nil, &pawl.StartOptions{Base: &pawl.Base{Run: was.ID, At: "b", Result: json.RawMessage(`"set"`)}})
		if err != nil || expected(plan) != "a:reuse b:set c:reuse" {
			t.Errorf("%s, %v", expected(plan), err)
		}
		if len(m.Requests) != 3 {
			t.Errorf("%d requests", len(m.Requests))
		}
	})
}

// TestPlanOfCodeInDoubt: the plan says which code may have been executed in the base, while
// it is and when nobody knows any more how it ended.
func TestPlanOfCodeInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
			pawl.Ask(r, "a", text("A"))
			return pawl.Do(r, "pay", 1, func(context.Context, int) (string, error) {
				<-end
				return "paid", nil
			}), nil
		})
		j := checktest.Memory(t)
		e := newEngine(j, &script{}, f)
		id := start(t, e, f)
		synctest.Wait()
		check := func(when string) {
			t.Helper()
			plan, err := e.Plan(t.Context(), f, nil, &pawl.StartOptions{Base: &pawl.Base{Run: id}})
			if err != nil || expected(plan) != "a:reuse pay:run" || plan[0].InDoubt || !plan[1].InDoubt {
				t.Errorf("%s: %+v, %v", when, plan, err)
			}
		}
		check("while it is executed")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		e.Close(ctx)
		e = newEngine(j, &script{}, f)
		defer e.Close(t.Context())
		defer close(end)
		check("when it was given up")
	})
}
