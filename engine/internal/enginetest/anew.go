package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
)

// doesOfOtherPlaces: the digest of a do says nothing of its code. So it takes no result
// over from another place in the flow, or from another item that is known by what it is;
// from one that has moved it does.
func doesOfOtherPlaces(t *testing.T, open store) {
	flow := func(ids bool, checks ...string) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			got := map[string]string{}
			var all []pawl.Branch
			for _, c := range checks {
				all = append(all, pawl.Go(c, func(r *pawl.Run) error {
					got[c] = pawl.Do(r, "check", "x", func(context.Context, string) (string, error) { return c, nil })
					return nil
				}))
			}
			pawl.Parallel(r, "checks", all...)
			var by []pawl.MapOption
			if ids {
				by = append(by, pawl.By(func(s string) string { return s }))
			}
			pawl.Map(r, "items", checks, func(r *pawl.Run, s string) (string, error) {
				got["of "+s] = pawl.Do(r, "mail", map[bool]string{true: "x", false: s}[ids], func(context.Context, string) (string, error) { return "of " + s, nil })
				return "", nil
			}, by...)
			for k, v := range got {
				if k != v {
					return "", fmt.Errorf("%s got the result of %s", k, v)
				}
			}
			return "", nil
		})
	}
	for _, ids := range []bool{false, true} {
		e := open(nil, flow(ids, "tone"))
		was := Finish(t, e, flow(ids, "tone", "facts"))
		rec := On(t, e, flow(ids, "style", "tone"), pawl.Base{Run: was.ID})
		if rec.Status != pawl.StatusDone {
			t.Errorf("by identity %v: %s: %+v", ids, Keys(rec), rec.Error)
		}
		if moved := step(rec, "items[1]/mail").ReusedFrom; !ids && (moved == nil || *moved != string(was.ID)+"/items[0]/mail") {
			t.Errorf("what has moved is from %v", moved)
		}
	}
}

// awaitsAnew: what an event is about only the outside knows. One is taken over as long as
// all is as it was; behind a step that is executed anew, and with another input, another
// is awaited.
func awaitsAnew(t *testing.T, open store) {
	f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
		first := pawl.Await[string](r, "seen")
		pawl.Do(r, "charge", in.Topic, func(_ context.Context, s string) (string, error) { return "charged " + s, nil })
		return first + pawl.Await[string](r, "paid"), nil
	})
	e := open(nil, f)
	id, err := e.Start(t.Context(), f, json.RawMessage(`{"topic":"order 1"}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	Follow(t, e, id)
	for _, key := range []pawl.Key{"seen", "paid"} {
		Decide(t, e, id, pawl.Decision{Key: key, What: pawl.DecideAnswer, Value: json.RawMessage(`"1"`)})
		Follow(t, e, id)
	}
	if rec := On(t, e, f, pawl.Base{Run: id}); rec.Status != pawl.StatusDone || Keys(rec) != "seen:reused charge:reused paid:reused" {
		t.Errorf("unchanged: %s %s", rec.Status, Keys(rec))
	}
	if rec := On(t, e, f, pawl.Base{Run: id, At: "charge"}); Keys(rec) != "seen:reused charge:done paid:waiting" {
		t.Errorf("behind a step that is executed anew: %s", Keys(rec))
	}
	two, err := e.Start(t.Context(), f, json.RawMessage(`{"topic":"order 2"}`), &pawl.StartOptions{Base: &pawl.Base{Run: id}})
	if err != nil {
		t.Fatal(err)
	}
	if rec := Follow(t, e, two); Keys(rec) != "seen:waiting" {
		t.Errorf("of another input: %s", Keys(rec))
	}
}

// answersOfOthers: an answer counts for another question where what was shown says what it
// is about, and never for another item that is known by what it is.
func answersOfOthers(t *testing.T, open store) {
	flow := func(shown string, by bool, items ...string) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			var opts []pawl.MapOption
			if by {
				opts = append(opts, pawl.By(func(s string) string { return s }))
			}
			got := pawl.Map(r, "items", items, func(r *pawl.Run, s string) (string, error) {
				if shown == "" {
					return s + "=" + pawl.Input[string](r, "label", "Which label?"), nil
				}
				return s + "=" + pawl.Input[string](r, "label", "Which label?", pawl.Shown(strings.TrimSuffix(shown+s, map[bool]string{true: s}[by]))), nil
			}, opts...)
			return strings.Join(got, ","), nil
		})
	}
	for _, c := range []struct {
		shown string
		by    bool
		after []string
		want  string
	}{
		{"", true, []string{"dog", "cat"}, "items[=dog]/label:reused items[=cat]/label:reused"},
		{"", true, []string{"dog", "eel"}, "items[=eel]/label:waiting items[=dog]/label:reused"},
		{"same for ", true, []string{"dog", "eel"}, "items[=eel]/label:waiting items[=dog]/label:reused"},
		{"pet ", false, []string{"fox", "cat"}, "items[0]/label:waiting items[1]/label:reused"},
		{"", false, []string{"cat", "dog", "eel"}, "items[2]/label:waiting items[0]/label:reused items[1]/label:reused"},
	} {
		before := []string{"cat", "dog"}
		e := open(nil, flow(c.shown, c.by, before...))
		id := Start(t, e, flow(c.shown, c.by, before...))
		for _, b := range Follow(t, e, id).Blockers {
			Decide(t, e, id, pawl.Decision{Key: b.Key, What: pawl.DecideAnswer, Value: json.RawMessage(`"x"`)})
		}
		Follow(t, e, id)
		rec := On(t, e, flow(c.shown, c.by, c.after...), pawl.Base{Run: id})
		got := strings.Fields(Keys(rec))[1:] // but for the map
		if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(strings.Fields(c.want)))) {
			t.Errorf("%+v: %s", c, Keys(rec))
		}
	}
}

// carriesFourEyes: nothing counts of somebody who may not decide it as it is asked now.
func carriesFourEyes(t *testing.T, open store) {
	f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
		yes := pawl.Approve(r, "yes", "P", "fine?", pawl.NotBy(r.Who()))
		pawl.Input[string](r, "last", "and?")
		return yes.Who, nil
	})
	e := open(nil, f)
	id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), &pawl.StartOptions{Who: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "yes", What: pawl.DecideApprove, Who: "Eve"})
	Follow(t, e, id)
	for who, want := range ordered(map[string]string{"eve": "yes:waiting", "carl": "yes:reused last:waiting"}) {
		for _, at := range []pawl.Key{"", "last"} {
			two, err := e.Start(t.Context(), f, nil, &pawl.StartOptions{Who: who, Base: &pawl.Base{Run: id, At: at}})
			if err != nil {
				t.Fatal(err)
			}
			if rec := Follow(t, e, two); Keys(rec) != want {
				t.Errorf("a run of %s at %q: %s", who, at, Keys(rec))
			}
		}
	}
}

// approvesAnew: what was approved must fit what is proposed now, with the defaults that
// its type has.
func approvesAnew(t *testing.T, open store) {
	type one struct {
		To string `json:"to"`
	}
	type two struct {
		To   string `json:"to"`
		Text string `json:"text" pawl:"len=1..100"`
	}
	type with struct {
		To   string `json:"to"`
		Mode string `json:"mode" pawl:"default=slow"`
	}
	e := open(nil, proposing(one{"anna"}))
	id := Start(t, e, proposing(one{"anna"}))
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "send", What: pawl.DecideApprove, Who: "bob"})
	Follow(t, e, id)
	if rec := On(t, e, proposing(two{"anna", "you are fired"}), pawl.Base{Run: id, At: "last"}); Keys(rec) != "send:waiting" {
		t.Errorf("a field more: %s", Keys(rec))
	}
	rec := On(t, e, proposing(with{"anna", "slow"}), pawl.Base{Run: id, At: "last"})
	if Keys(rec) != "send:reused last:waiting" || !strings.Contains(string(rec.Steps[0].Output), `"mode":"slow"`) {
		t.Errorf("a default more: %s: %s", Keys(rec), rec.Steps[0].Output)
	}
}

func proposing[T any](proposal T) pawl.Flow {
	return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
		a := pawl.Approve(r, "send", proposal, "Send?")
		pawl.Input[string](r, "last", "and?")
		return fmt.Sprint(a.Value), nil
	})
}

// sleepsAnew: a sleep counts for one of the same length, in a rerun of a rerun too.
func sleepsAnew(t *testing.T, open store) {
	flow := func(d time.Duration) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) { pawl.Sleep(r, "night", d); return "", nil })
	}
	e := open(nil, flow(2*time.Second))
	id := Finish(t, e, flow(2*time.Second)).ID
	for range 2 {
		if rec := On(t, e, flow(4*time.Second), pawl.Base{Run: id}); Keys(rec) != "night:done" {
			t.Errorf("a longer one: %s", Keys(rec))
		}
		rec := On(t, e, flow(2*time.Second), pawl.Base{Run: id})
		if Keys(rec) != "night:reused" {
			t.Errorf("the same: %s", Keys(rec))
		}
		id = rec.ID
	}
}

// reusesRenamed: what has another name since, and says so, is taken over, and so is what
// is in it and what has moved there.
func reusesRenamed(t *testing.T, open store) {
	m := &Script{}
	flow := func(ask, yes, items, was string, all ...string) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			var of []pawl.MapOption
			if was != "" {
				of = append(of, pawl.Was("items"))
			}
			pawl.Map(r, items, all, func(r *pawl.Run, s string) (string, error) {
				q := Text(s)
				if was != "" {
					q = q.Was("ask")
				}
				return pawl.Ask(r, ask, q), nil
			}, of...)
			if was != "" {
				pawl.Approve(r, yes, "P", "fine?", pawl.Was("yes"))
			} else {
				pawl.Approve(r, yes, "P", "fine?")
			}
			pawl.Ask(r, "b", Text("B"))
			return "", nil
		})
	}
	old := flow("ask", "yes", "items", "", "x", "y")
	e := open(m, old)
	id := Start(t, e, old)
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "yes", What: pawl.DecideApprove, Who: "anna"})
	Follow(t, e, id)
	n := len(m.Requests)
	for _, at := range []pawl.Key{"", "b"} {
		for _, items := range [][]string{{"x", "y"}, {"new", "x", "y"}} {
			rec := On(t, e, flow("question", "okay", "pieces", "was", items...), pawl.Base{Run: id, At: at})
			if paid := len(m.Requests) - n - len(items) + 2; rec.Status != pawl.StatusDone || paid > len(at) {
				t.Errorf("at %q with %d items: %s %s, paid %d", at, len(items), rec.Status, Keys(rec), paid)
			}
			n = len(m.Requests)
		}
	}
}

// rerunsSharedPlaces: a branch that stood gives its place up in a rerun too, so that all
// comes in the order of the base, also for a process that goes on with the rerun.
func rerunsSharedPlaces(t *testing.T, open store) {
	m := &Script{}
	f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
		var all []string
		pawl.Map(r, "items", []string{"x", "y", "z"}, func(r *pawl.Run, s string) (string, error) {
			if s == "x" {
				pawl.Approve(r, "ok", s, "fine?")
			}
			got := pawl.Ask(r, "a", Text(s))
			all = append(all, s)
			return got, nil
		}, pawl.Limit(1))
		join := pawl.Ask(r, "join", Prompted("In order {{.Topic}}", strings.Join(all, ",")))
		return join + pawl.Input[string](r, "last", "and?"), nil
	})
	e := open(m, f)
	id := Start(t, e, f)
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "items[0]/ok", What: pawl.DecideApprove, Who: "anna"})
	Follow(t, e, id)
	n := len(m.Requests)
	for range 2 { // then of the rerun
		rec := On(t, e, f, pawl.Base{Run: id, At: "last"})
		Decide(t, open(m, f), rec.ID, pawl.Decision{Key: "last", What: pawl.DecideAnswer, Value: json.RawMessage(`"x"`), Who: "anna"})
		if rec = Follow(t, e, rec.ID); len(m.Requests) != n || rec.Status != pawl.StatusDone {
			t.Errorf("paid %d calls, replayed it is %s: %s %+v", len(m.Requests)-n, rec.Status, Keys(rec), rec.Error)
		}
		id = rec.ID
	}
}

// rerunsInOrderBehind: what does not follow from a step that is executed anew comes in the
// order of the base behind it.
func rerunsInOrderBehind(t *testing.T, open store) {
	m := &Script{}
	f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
		pawl.Ask(r, "a", Text("A"))
		var all []string
		pawl.Map(r, "items", []int{3, 1, 2}, func(r *pawl.Run, n int) (int, error) {
			got := pawl.Do(r, "wait", n, func(ctx context.Context, n int) (int, error) {
				<-time.After(time.Duration(n) * time.Second)
				return n, nil
			})
			all = append(all, fmt.Sprint(got))
			return got, nil
		})
		return pawl.Ask(r, "join", Text(strings.Join(all, ","))), nil
	})
	e := open(m, f)
	was := Finish(t, e, f)
	if rec := On(t, e, f, pawl.Base{Run: was.ID, At: "a"}); m.Calls("join") != 1 {
		t.Errorf("join does not follow from a, and was asked again: %s", Keys(rec))
	}
}

// forcesOne: of results that are alike the one that is forced is not taken, and the others
// are.
func forcesOne(t *testing.T, open store) {
	m := &Script{}
	flow := func(items ...string) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			pawl.Map(r, "items", items, func(r *pawl.Run, s string) (string, error) {
				return pawl.Ask(r, "ask", Text(s)), nil
			}, pawl.InOrder)
			return "", nil
		})
	}
	e := open(m, flow("x"))
	was := Finish(t, e, flow("dog", "dog", "eel"))
	n := len(m.Requests)
	rec := On(t, e, flow("dog", "eel", "dog"), pawl.Base{Run: was.ID, At: "items[0]/ask"})
	if len(m.Requests) != n+1 {
		t.Errorf("%d calls, wants the forced one alone: %s", len(m.Requests)-n, Keys(rec))
	}
}
