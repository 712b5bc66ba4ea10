package local_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// echo is a model that answers with what it is asked. It refuses questions on
// demand, and remembers what it has seen.
type echo struct {
	mu     sync.Mutex
	refuse map[string]error
	asked  []string
}

func (m *echo) Generate(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for _, s := range req.Messages {
		all = append(all, s.Text())
	}
	asked := strings.Join(all, "|")
	m.asked = append(m.asked, asked)
	if err := m.refuse[asked]; err != nil {
		return llm.Response{}, err
	}
	return llm.Response{Text: "about " + asked}, nil
}

// about asks a model about each item and returns an answer that does not speak of
// its item.
func about(items []string, opts ...pawl.MapOption) (pawl.Flow, *[]string) {
	wrong := &[]string{}
	return pawl.New("about", "Asks about each item.", func(r *pawl.Run, in topic) (string, error) {
		out := pawl.Map(r, "items", items, func(r *pawl.Run, item string) (string, error) {
			got := pawl.Ask(r, "rate", text(item))
			if got != "about "+item {
				*wrong = append(*wrong, item+" got "+got)
			}
			pawl.Do(r, "note", item, func(_ context.Context, in string) (string, error) { return in, nil })
			return got, nil
		}, opts...)
		pawl.Ask(r, "end", text("the end"))
		return strings.Join(out, ", "), nil
	}), wrong
}

func identityEngine(j journal.Journal, m llm.Model, f pawl.Flow) *local.Engine {
	return local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: "test/one", Flows: []pawl.Flow{f}})
}

// A run over cat, dog and eel goes on over dog and eel: no item gets what was
// answered about another.
func TestAnswersStayWithTheirItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &echo{refuse: map[string]error{"the end": &llm.Error{Kind: llm.Refused, Message: "no"}}}
		f, _ := about([]string{"cat", "dog", "eel"})
		id := start(t, identityEngine(j, m, f), f)
		if rec := follow(t, identityEngine(j, m, f), id); rec.Status != pawl.StatusFailed || !errors.Is(rec.Error.Kind, pawl.ErrorKind(llm.Refused)) {
			t.Fatalf("run is %s, %+v", rec.Status, rec.Error)
		}
		m.refuse = nil
		g, wrong := about([]string{"dog", "eel"})
		e := identityEngine(j, m, g)
		resume(t, e, id)
		rec := follow(t, e, id)
		if len(*wrong) > 0 {
			t.Errorf("%s, run is %s with %s", strings.Join(*wrong, ", "), rec.Status, rec.Output)
		}
		if rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrMismatch || len(rec.Blockers) != 2 {
			t.Fatalf("run is %s, %+v, %d blockers", rec.Status, rec.Error, len(rec.Blockers))
		}

		resume(t, e, id) // only looks again
		if rec := follow(t, e, id); rec.Status != pawl.StatusFailed || len(rec.Decisions) != 1 || len(m.asked) != 4 {
			t.Fatalf("run is %s, %+v, %d asked", rec.Status, rec.Decisions, len(m.asked))
		}
		for range 2 { // the asks, then what was done with their answers
			for _, b := range follow(t, e, id).Blockers {
				decide(t, e, id, pawl.Decision{Key: b.Key, What: pawl.DecideRetry, Digest: b.Digest})
			}
		}
		rec = follow(t, e, id)
		if rec.Status != pawl.StatusDone || len(*wrong) > 0 || string(rec.Output) != `"about dog, about eel"` {
			t.Errorf("run is %s, %+v, %s, %v", rec.Status, rec.Error, rec.Output, *wrong)
		}
		if n := len(m.asked); n != 7 { // cat, dog, eel, the end; dog, eel, the end
			t.Errorf("%d asked: %v", n, m.asked)
		}
	})
}

// By identity each item keeps its answer wherever it stands, and new ones are asked.
func TestItemsByIdentity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		self := pawl.By(func(s string) string { return s })
		j, m := checktest.Memory(t), &echo{refuse: map[string]error{"the end": &llm.Error{Kind: llm.Refused, Message: "no"}}}
		f, _ := about([]string{"cat", "dog", "eel/2"}, self)
		id := start(t, identityEngine(j, m, f), f)
		follow(t, identityEngine(j, m, f), id)
		m.refuse = nil
		g, _ := about([]string{"eel/2", "fox", "dog"}, self)
		e := identityEngine(j, m, g)
		resume(t, e, id)
		rec := follow(t, e, id)
		if rec.Status != pawl.StatusDone || string(rec.Output) != `"about eel/2, about fox, about dog"` || len(m.asked) != 6 {
			t.Errorf("run is %s, %+v, %s, %q", rec.Status, rec.Error, rec.Output, m.asked)
		}
		if k := keys(rec); !strings.Contains(k, "items[=eel%2F2]/rate:done") || !strings.Contains(k, "items[=fox]/rate:done") {
			t.Errorf("keys %s", k)
		}

		id = start(t, identityEngine(j, &echo{refuse: map[string]error{"the end": pawl.ErrGate}}, f), f)
		follow(t, identityEngine(j, m, f), id)
		h, _ := about([]string{"cat", "dog", "eel/2"})
		e = identityEngine(j, m, h)
		resume(t, e, id)
		if rec := follow(t, e, id); rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrMismatch || rec.Error.Step != "items" {
			t.Errorf("run is %s, %+v", rec.Status, rec.Error)
		}
	})
}

// The code that is undone fits again: nobody is asked, nothing is called twice, and
// the flow sees its results in their order.
func TestUndoneChangeIsForgiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &echo{refuse: map[string]error{"the end": &llm.Error{Kind: llm.Refused, Message: "no"}}}
		f, _ := about([]string{"cat", "dog"})
		id := start(t, identityEngine(j, m, f), f)
		follow(t, identityEngine(j, m, f), id)
		m.refuse = nil
		g, _ := about([]string{"dog", "cat"})
		e := identityEngine(j, m, g)
		resume(t, e, id)
		if rec := follow(t, e, id); len(rec.Blockers) != 2 {
			t.Fatalf("run is %s, %d blockers", rec.Status, len(rec.Blockers))
		}
		e = identityEngine(j, m, f)
		resume(t, e, id)
		if rec := follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"about cat, about dog"` || len(rec.Blockers) != 0 || len(m.asked) != 4 {
			t.Errorf("run is %s, %+v, %s, %v", rec.Status, rec.Error, rec.Output, m.asked)
		}
	})
}

// A Do that is made again for other data is another one to the outside world; what
// was kept is not.
func TestIdempotencyOfWhatIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &echo{refuse: map[string]error{"the end": &llm.Error{Kind: llm.Refused, Message: "no"}}}
		var mu sync.Mutex
		var charged []string
		charge := func(ctx context.Context, who string) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			_, key, _ := strings.Cut(pawl.IdempotencyKey(ctx), "/")
			charged = append(charged, who+" "+key)
			return who, nil
		}
		flow := func(who string, opts ...pawl.DoOption) pawl.Flow {
			return pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
				got := pawl.Do(r, "charge", who, charge) + pawl.Do(r, "tell", who, charge, pawl.Repeatable)
				pawl.Ask(r, "end", text("the end"))
				return got, nil
			})
		}
		id := start(t, identityEngine(j, m, flow("anna")), flow("anna"))
		follow(t, identityEngine(j, m, flow("anna")), id)
		m.refuse = nil
		e := identityEngine(j, m, flow("bert"))
		resume(t, e, id)
		follow(t, e, id)
		decide(t, e, id, pawl.Decision{Key: "charge", What: pawl.DecideRetry})
		follow(t, e, id)
		decide(t, e, id, pawl.Decision{Key: "tell", What: pawl.DecideRetry})
		rec := follow(t, e, id)
		if rec.Status != pawl.StatusDone || string(rec.Output) != `"bertbert"` {
			t.Errorf("run is %s, %+v, %s", rec.Status, rec.Error, rec.Output)
		}
		if got := strings.Join(charged, ", "); got != "anna charge, anna tell, bert charge~2, bert tell~2" {
			t.Errorf("charged %s", got)
		}
	})
}

// A step that has not finished begins anew when it is about something else: what was
// turned down before is not shown to the model.
func TestOtherDataBeginsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &echo{}
		flow := func(what string) pawl.Flow {
			return pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
				return pawl.Ask(r, "a", text(what).Gate("dog", func(s string) error {
					if !strings.Contains(s, "dog") || strings.Contains(s, "cat") {
						return errors.New("is not about the dog")
					}
					return nil
				})), nil
			})
		}
		id, err := identityEngine(&crashing{Journal: j, left: 3, after: true}, m, flow("cat")).Start(t.Context(), flow("cat"), []byte("{}"), nil)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		e := identityEngine(j, m, flow("dog"))
		direct(t, e, id, pawl.Directive{What: pawl.DirectResume, Take: true})
		rec := follow(t, e, id)
		if rec.Status != pawl.StatusDone || string(rec.Output) != `"about dog"` || m.asked[len(m.asked)-1] != "dog" {
			t.Errorf("run is %s, %s, asked %q", rec.Status, rec.Output, m.asked)
		}
		if as := rec.Steps[0].Attempts; len(as) < 2 || as[0].Outcome != pawl.OutcomeRejected {
			t.Errorf("attempts %+v", as)
		}
	})
}

// A second b is put before the b that is recorded.
func TestAnswerOfARepeatedName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &echo{refuse: map[string]error{"c": &llm.Error{Kind: llm.Refused, Message: "no"}}}
		var wrong []string
		ask := func(r *pawl.Run, name, what string) {
			if got := pawl.Ask(r, name, text(what)); got != "about "+what {
				wrong = append(wrong, what+" got "+got)
			}
		}
		f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (int, error) { ask(r, "b", "cat"); ask(r, "c", "c"); return 1, nil })
		id := start(t, identityEngine(j, m, f), f)
		follow(t, identityEngine(j, m, f), id)
		m.refuse = nil
		g := pawl.New("f", "F.", func(r *pawl.Run, in topic) (int, error) {
			ask(r, "b", "dog")
			ask(r, "b", "cat")
			ask(r, "c", "c")
			return 1, nil
		})
		e := identityEngine(j, m, g)
		resume(t, e, id)
		rec := follow(t, e, id)
		if len(wrong) > 0 {
			t.Errorf("%s, run is %s", strings.Join(wrong, ", "), rec.Status)
		}
	})
}

// OnChange decides beforehand: an ask may be made anew, whatever may be kept is kept,
// and what was done or approved stops.
func TestOnChange(t *testing.T) {
	flow := func(who string) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
			rate := pawl.Ask(r, "rate", text(who))
			done := pawl.Do(r, "do", who, func(_ context.Context, s string) (string, error) { return "did " + s, nil })
			a := pawl.Approve(r, "ok", who, "OK?")
			pawl.Ask(r, "end", text("the end"))
			return rate + ", " + done + ", " + a.Value, nil
		})
	}
	for _, tt := range []struct {
		on     local.OnChange
		stands []pawl.Key // one after another; each is then retried
		asked  int
		output string
	}{
		{local.ChangeStops, []pawl.Key{"rate", "do", "ok"}, 2, `"about dog, did dog, dog"`},
		{local.ChangeAnew, []pawl.Key{"do", "ok"}, 2, `"about dog, did dog, dog"`},
		{local.ChangeKeeps, []pawl.Key{"ok"}, 1, `"about cat, did cat, dog"`},
	} {
		t.Run(string(tt.on), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j, m := checktest.Memory(t), &echo{refuse: map[string]error{"the end": &llm.Error{Kind: llm.Refused, Message: "no"}}}
				e := identityEngine(j, m, flow("cat"))
				id := start(t, e, flow("cat"))
				follow(t, e, id)
				decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
				follow(t, e, id)
				m.refuse = nil
				e = local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: "test/one", Flows: []pawl.Flow{flow("dog")}, OnChange: tt.on})
				resume(t, e, id)
				for _, key := range tt.stands {
					rec := follow(t, e, id)
					if rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrMismatch || rec.Error.Step != key {
						t.Fatalf("run is %s, %+v, wants a mismatch of %s", rec.Status, rec.Error, key)
					}
					decide(t, e, id, pawl.Decision{Key: key, What: pawl.DecideRetry})
				}
				follow(t, e, id)
				decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
				if rec := follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != tt.output {
					t.Errorf("run is %s, %+v, %s", rec.Status, rec.Error, rec.Output)
				}
				if n := len(m.asked) - 2; n != tt.asked { // but for the end, twice
					t.Errorf("%d asked: %v", n, m.asked)
				}
			})
		})
	}
}
