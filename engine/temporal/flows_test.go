package temporal_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

type topic struct {
	Topic string `json:"topic" pawl:"default=x"`
}

type outline struct {
	Title    string   `json:"title"`
	Tone     string   `json:"tone" pawl:"default=plain"`
	Sections []string `json:"sections" pawl:"items=3..5"`
}

// done fails the test unless the run is done with that output.
func (s story) done(t *testing.T, output string) {
	t.Helper()
	if s.Record.Status != pawl.StatusDone || string(s.Record.Output) != output {
		t.Errorf("run is %s with %s, want done with %s; error %+v", s.Record.Status, s.Record.Output, output, s.Record.Error)
	}
}

func TestChainWithRepairs(t *testing.T) {
	f := pawl.New("chain", "Chains.", func(r *pawl.Run, in topic) (string, error) {
		o := pawl.Ask(r, "outline", pawl.Messages[outline]("Planning outline", llm.User("plan "+in.Topic)))
		r.Note("%s outline", o.Tone)
		n := pawl.Do(r, "count", o.Sections, func(_ context.Context, s []string) (int, error) { return len(s), nil })
		short := func(s string) error {
			if len(s) > 20 {
				return fmt.Errorf("has %d bytes, wants at most 20", len(s))
			}
			return nil
		}
		d := pawl.Ask(r, "draft", text("Writing "+strings.Join(o.Sections, ",")).Gate("short", short))
		return fmt.Sprint(d, n, pawl.Ask(r, "draft", text("Again"))), nil
	})
	both(t, f, map[string][]any{
		"outline": {"not json", `{"title":"T","sections":["a","b"]}`, `{"title":"T","sections":["a","b","c"]}`},
		"draft":   {"far too long an answer for this", "short one"},
	}, `{"topic":"tides"}`, false).done(t, `"short one3answer of draft#2"`)
}

func TestRetries(t *testing.T) {
	limited := &llm.Error{Kind: llm.RateLimit, Message: "slow down", RetryAfter: 90 * time.Second, RequestID: "req_1"}
	cut := &llm.Error{Kind: llm.Truncated, Message: "cut", Partial: "half an", Usage: &llm.Usage{InputTokens: 3, OutputTokens: 700}}
	f := pawl.New("retries", "Retries.", func(r *pawl.Run, in topic) (string, error) {
		failures := 0
		n := pawl.Do(r, "flaky", 1, func(ctx context.Context, n int) (string, error) {
			if failures++; failures < 3 {
				return "", &llm.Error{Kind: llm.Network, Message: "no route"}
			}
			return pawl.IdempotencyKey(ctx), nil
		}, pawl.Repeatable)
		return pawl.Ask(r, "a", text("A")) + n, nil
	})
	s := both(t, f, map[string][]any{"a": {limited, cut}}, `{}`, false)
	s.done(t, `"answer of a0123456789ab/flaky"`)
	for _, on := range []string{"local", "temporal"} {
		if took := s.Record.UpdatedAt.Sub(s.Record.CreatedAt.Time); took < 90*time.Second {
			t.Errorf("took %s on %s, less than the provider asked for", took, on)
		}
		s = *s.Other
	}
}

// TestMapHandsResultsOverInOrder: results reach shared variables in the order in
// which they came, whatever the order of branches.
func TestMapHandsResultsOverInOrder(t *testing.T) {
	rests := []time.Duration{50, 40, 33, 15, 5}
	for _, limit := range []int{0, 2} {
		f := pawl.New("fan", "Fans out.", func(r *pawl.Run, in topic) ([]string, error) {
			var came []string
			pawl.Map(r, "items", []int{0, 1, 2, 3, 4}, func(r *pawl.Run, i int) (int, error) {
				came = append(came, fmt.Sprint("start", i))
				came = append(came, pawl.Ask(r, "write", text("Writing")))
				pawl.Sleep(r, "rest", rests[i]*time.Minute)
				came = append(came, fmt.Sprint("slept", i))
				return i, nil
			}, pawl.Limit(limit))
			return came, nil
		})
		replies := map[string][]any{}
		for i, after := range []time.Duration{5, 3, 1, 4, 2} {
			replies[fmt.Sprintf("items[%d]/write", i)] = []any{slow{after * time.Second, fmt.Sprint("w", i)}}
		}
		s := both(t, f, replies, `{}`, false)
		want := `["start0","start1","start2","start3","start4","w2","w4","w1","w3","w0","slept4","slept3","slept2","slept1","slept0"]`
		if limit == 2 {
			want = `["start0","start1","w1","start2","w2","start3","w0","start4","w4","w3","slept4","slept3","slept2","slept1","slept0"]`
		}
		s.done(t, want)
	}
}

func TestScopes(t *testing.T) {
	inner := pawl.New("inner", "Is called.", func(r *pawl.Run, in topic) (string, error) {
		r.Note("known outside as %s", r.ID("x"))
		return pawl.Ask(r, "say", text("Saying "+in.Topic)), nil
	})
	f := pawl.New("scopes", "Nests.", func(r *pawl.Run, in topic) ([]string, error) {
		var all []string
		pawl.Parallel(r, "checks",
			pawl.Go("tone", func(r *pawl.Run) error {
				all = append(all, pawl.Ask(r, "a", text("A")), pawl.Call(r, "sub", inner, topic{"tides"}))
				return nil
			}),
			pawl.Go("facts", func(r *pawl.Run) error {
				all = append(all, pawl.Map(r, "each", []string{"p", "q"}, func(r *pawl.Run, s string) (string, error) {
					return s + pawl.Ask(r, "b", text("B")), nil
				})...)
				return nil
			}))
		return append(all, pawl.Map(r, "none", nil, func(*pawl.Run, string) (string, error) { return "", nil })...), nil
	})
	both(t, f, map[string][]any{
		"checks/tone/a":          {slow{5 * time.Second, "toned"}},
		"checks/facts/each[0]/b": {slow{2 * time.Second, "b0"}},
		"checks/facts/each[1]/b": {slow{time.Second, "b1"}},
	}, `{}`, false).done(t, `["pb0","qb1","toned","answer of checks/tone/sub/say"]`)
}

func TestFailuresAsValues(t *testing.T) {
	refusal := &llm.Error{Kind: llm.Refused, Message: "no", Hint: "ask for something else"}
	f := pawl.New("try", "Tries.", func(r *pawl.Run, in topic) (string, error) {
		_, err := pawl.TryAsk(r, "a", text("A"))
		var own *pawl.Error
		if !errors.As(err, &own) || own.Step != "a" {
			return "", fmt.Errorf("error %v", err)
		}
		cleaned := 0
		res := pawl.TryMap(r, "items", []int{0, 1, 2, 3}, func(r *pawl.Run, i int) (string, error) {
			defer func() {
				cleaned++
				if p := recover(); p != nil {
					t.Errorf("recovered %v", p)
				}
			}()
			switch i {
			case 1:
				pawl.Map(r, "deep", []int{1}, func(r *pawl.Run, _ int) (int, error) {
					pawl.Ask(r, "z", text("Z").Gate("never", func(string) error { return errNever }))
					t.Error("went on after a step that cannot finish")
					return 0, nil
				})
			case 2:
				return "", errors.New("own error")
			case 3:
				pawl.Do(r, "boom", 1, func(context.Context, int) (int, error) { panic("boom") })
			}
			return "ok", nil
		})
		return fmt.Sprintf("%s %d|%v|%v|%v|%v", own.Kind, cleaned, res[0].Value, res[1].Err, res[2].Err, res[3].Err != nil), nil
	})
	bad := slow{time.Second, "bad"}
	both(t, f, map[string][]any{"a": {refusal}, "items[1]/deep[0]/z": {bad, bad, bad}}, `{}`, false).
		done(t, `"refused 4|ok|no answer passed its gates in 3 attempts; the last: never good|own error|true"`)
}

func TestFailureResumes(t *testing.T) {
	refusal := &llm.Error{Kind: llm.Refused, Message: "no", Hint: "ask for something else"}
	f := pawl.New("abc", "Does a, b, c.", func(r *pawl.Run, in topic) ([]string, error) {
		return pawl.Map(r, "each", []string{"a", "b", "c"}, func(r *pawl.Run, s string) (string, error) {
			return pawl.Ask(r, s, text(s)), nil
		}), nil
	})
	both(t, f, map[string][]any{"each[0]/a": {slow{time.Second, "early"}}, "each[1]/b": {refusal}, "each[2]/c": {slow{time.Minute, "late"}}}, `{}`, true).
		done(t, `["early","answer of each[1]/b","late"]`)
}

// TestRunEnds: how a run ends that does not end well.
func TestRunEnds(t *testing.T) {
	for name, end := range map[string]func(r *pawl.Run) error{
		"error":    func(*pawl.Run) error { return errors.New("no luck") },
		"rejected": func(*pawl.Run) error { return fmt.Errorf("chief: %w", pawl.ErrRejected) },
		"early": func(r *pawl.Run) error {
			pawl.Map(r, "m", []int{1, 2}, func(r *pawl.Run, i int) (int, error) {
				r.Note("branch %d", i)
				return 0, errors.New("no luck")
			})
			return nil
		},
		"branch": func(r *pawl.Run) error {
			pawl.Parallel(r, "p", pawl.Go("x", func(r *pawl.Run) error {
				pawl.Ask(r, "quick", text("Quick"))
				return errors.New("no luck")
			}),
				pawl.Go("y", func(r *pawl.Run) error {
					pawl.Ask(r, "slow", text("Slow"))
					t.Error("went on after the run failed")
					return nil
				}))
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := pawl.New("ends", "Ends.", func(r *pawl.Run, in topic) (string, error) {
				pawl.Ask(r, "a", text("A"))
				return "", end(r)
			})
			s := both(t, f, map[string][]any{"p/x/quick": {slow{time.Second, "soon"}}, "p/y/slow": {slow{time.Minute, "late"}}}, `{}`, false)
			if s.Record.Status == pawl.StatusDone || s.Record.Error == nil {
				t.Errorf("run is %s, error %+v", s.Record.Status, s.Record.Error)
			}
		})
	}
}
