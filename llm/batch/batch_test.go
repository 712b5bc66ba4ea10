package batch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/batch"
)

// What is asked at about the same time is sent as one batch, and everybody gets the answer to
// what they have asked, marked as the cheaper one that it is.
func TestAnswers(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		d := newDesk(t, v)
		d.backend.On(func(c responsestest.Call) responsestest.Reply {
			return responsestest.Text("answer to "+c.Messages[0].Text).Usage(10, 20, 4)
		})
		_, m := d.open(nil)
		const n = 20
		outcomes, done := v.askAll(t.Context(), m, n)
		<-done
		for i, o := range outcomes {
			if want := fmt.Sprintf("answer to question %d", i); o.err != nil || o.Text != want {
				t.Errorf("question %d: %q, %v", i, o.Text, o.err)
			}
			if u := o.Response.Usage; u == nil || !u.Batch || u.InputTokens != 10 || u.OutputTokens != 20 || u.CachedTokens != 4 {
				t.Errorf("question %d took %+v", i, u)
			}
		}
		if all := d.Batches(); len(all) != 1 || len(all[0].Items) != n {
			t.Errorf("%d questions at once went out as %d batches", n, len(all))
		}
		files, _ := filepath.Glob(filepath.Join(d.dir, "*"))
		if len(files) != 2 {
			t.Errorf("what is kept: %v", files)
		}
		for _, f := range files {
			if b, err := os.ReadFile(f); err != nil || strings.Contains(string(b), key) || strings.Contains(string(b), `"question`) {
				t.Errorf("%s holds what was asked, or the key: %v", f, err)
			}
		}
	})
}

// What goes wrong with an item is read as it is where it is asked alone.
func TestItemsFail(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		for _, tt := range []struct {
			name  string
			reply responsestest.Reply
			kind  llm.ErrorKind
		}{
			{"refused", responsestest.Refusal("I would rather not."), llm.Refused},
			{"cut short", responsestest.Incomplete("max_output_tokens", "half an answ"), llm.Truncated},
			{"for its rate", responsestest.Status(429, "rate_limit_exceeded", "slow down"), llm.RateLimit},
			{"for the server's sake", responsestest.Status(500, "server_error", "oh"), llm.Overloaded},
			{"for its length", responsestest.Status(400, "context_length_exceeded", "too long"), llm.ContextLength},
			{"for what it is", responsestest.StatusType(400, "invalid_request_error", "", "no such thing"), llm.Invalid},
		} {
			t.Run(tt.name, func(t *testing.T) {
				d := newDesk(t, v)
				d.backend.On(func(responsestest.Call) responsestest.Reply { return tt.reply })
				_, m := d.open(nil)
				_, err := m.Generate(t.Context(), v.question(1), nil)
				var known *llm.Error
				if !errors.As(err, &known) || known.Kind != tt.kind {
					t.Errorf("%v, want %s", err, tt.kind)
				}
				if known != nil && known.Usage != nil && !known.Usage.Batch {
					t.Errorf("what it took is not that of a batch: %+v", known.Usage)
				}
			})
		}
	})
}

// What goes wrong with a batch as a whole is told to each who waits for it.
func TestBatchFails(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		for _, tt := range []struct {
			name  string
			do    func(*desk)
			kind  llm.ErrorKind
			says  string
			fails bool
		}{
			{"expired", func(d *desk) { d.Expire(0, 0) }, llm.Overloaded, "before", false},
			{"canceled", func(d *desk) { d.Cancel(0) }, llm.Invalid, "canceled", false},
			{"too much is queued", func(d *desk) { d.Fail(0, "token_limit_exceeded") }, llm.RateLimit, "token_limit_exceeded", true},
			{"refused", func(d *desk) { d.Fail(0, "invalid_json_line") }, llm.Invalid, "invalid_json_line", true},
			{"gone for long", func(d *desk) {
				d.Refuse(func(*http.Request) (int, string) { return 404, `{"error":{"message":"no such batch"}}` })
			}, llm.Invalid, "no such batch", false},
		} {
			t.Run(tt.name, func(t *testing.T) {
				if v.name == "anthropic" && tt.fails {
					return // its batches do not fail as a whole
				}
				d := newDesk(t, v)
				d.Hold()
				_, m := d.open(together(3))
				outcomes, done := v.askAll(t.Context(), m, 3)
				d.Wait(1)
				tt.do(d)
				<-done
				for _, o := range outcomes {
					var known *llm.Error
					if !errors.As(o.err, &known) || known.Kind != tt.kind || !strings.Contains(known.Message, tt.says) {
						t.Errorf("%v, want %s with %q", o.err, tt.kind, tt.says)
					}
				}
			})
		}
	})
}

// Of a batch that expires, what was done is an answer.
func TestExpiredInPart(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		d := newDesk(t, v)
		d.Hold()
		_, m := d.open(together(5))
		outcomes, done := v.askAll(t.Context(), m, 5)
		d.Wait(1)
		d.Expire(0, 2)
		<-done
		good := 0
		for _, o := range outcomes {
			if o.err == nil {
				good++
			}
		}
		if good != 2 {
			t.Errorf("%d answers, want the 2 that were done", good)
		}
	})
}

// Who takes no batches, or does not let one in, says so in the words of the adapter.
func TestRefusedToTake(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		for _, tt := range []struct {
			status int
			kind   llm.ErrorKind
			says   string
		}{{404, llm.Invalid, "takes no batches"}, {401, llm.Auth, ""}, {429, llm.RateLimit, ""}, {503, llm.Overloaded, ""}} {
			d := newDesk(t, v)
			d.Refuse(func(r *http.Request) (int, string) {
				if r.Method != http.MethodPost {
					return 0, ""
				}
				return tt.status, `{"error":{"message":"as I say"}}`
			})
			_, m := d.open(nil)
			_, err := m.Generate(t.Context(), v.question(1), nil)
			var known *llm.Error
			if !errors.As(err, &known) || known.Kind != tt.kind || !strings.Contains(known.Message, tt.says) {
				t.Errorf("%d: %v, want %s with %q", tt.status, err, tt.kind, tt.says)
			}
			d.Refuse(nil)
			if _, err := m.Generate(t.Context(), v.question(1), nil); err != nil {
				t.Errorf("%d: asked again when it is over: %v", tt.status, err)
			}
		}
	})
}

// While the vendor cannot be reached, or has other things to do, a batch is waited for.
func TestWaitsOutFaults(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		d := newDesk(t, v)
		d.Hold()
		var broken atomic.Int64
		_, m := d.open(func(o *batch.Options) {
			together(3)(o)
			o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodGet {
					switch n := broken.Add(1); {
					case n%3 == 1:
						return nil, errors.New("no route")
					case n%3 == 2:
						return &http.Response{StatusCode: 503, Body: io.NopCloser(strings.NewReader("<html>")), Header: http.Header{}, Request: r}, nil
					}
				}
				return http.DefaultTransport.RoundTrip(r)
			})
		})
		outcomes, done := v.askAll(t.Context(), m, 3)
		d.Wait(1)
		d.WaitForCall(0)
		d.Finish(0)
		<-done
		for _, o := range outcomes {
			if o.err != nil {
				t.Error(o.err)
			}
		}
		if n := len(d.Batches()); n != 1 {
			t.Errorf("%d batches", n)
		}
	})
}

// Who asks again for an attempt that another process has begun gets its answer, whenever that
// process has died, and pays for nothing twice.
func TestKilled(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		t.Run("while the batch is under way", func(t *testing.T) {
			d := newDesk(t, v)
			d.Hold()
			first, m := d.open(together(4))
			_, done := v.askAll(t.Context(), m, 4)
			d.Wait(1)
			d.WaitForCall(0)
			first.Close()
			<-done
			_, m = d.open(together(4))
			outcomes, done := v.askAll(t.Context(), m, 4)
			d.WaitForCall(0)
			d.Finish(0)
			<-done
			d.once(outcomes, 4)
		})
		for _, before := range []bool{true, false} {
			t.Run(fmt.Sprintf("as it hands it over, before the vendor has it: %v", before), func(t *testing.T) {
				d := newDesk(t, v)
				var first *batch.Box
				first, m := d.open(func(o *batch.Options) {
					together(4)(o)
					o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
						if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/batches") {
							return http.DefaultTransport.RoundTrip(r)
						}
						if !before {
							if res, err := http.DefaultTransport.RoundTrip(r); err != nil {
								return res, err
							}
						}
						go first.Close()
						<-r.Context().Done()
						return nil, r.Context().Err()
					})
				})
				_, done := v.askAll(t.Context(), m, 4)
				<-done
				first.Close()
				_, m = d.open(together(4))
				outcomes, done := v.askAll(t.Context(), m, 4)
				<-done
				d.once(outcomes, 4)
			})
		}
		t.Run("when the answers are there", func(t *testing.T) {
			d := newDesk(t, v)
			first, m := d.open(together(4))
			_, done := v.askAll(t.Context(), m, 4)
			<-done
			first.Close()
			_, m = d.open(together(4))
			outcomes, done := v.askAll(t.Context(), m, 4)
			<-done
			d.once(outcomes, 4)
		})
	})
}

// once checks that all was answered, and asked once.
func (d *desk) once(outcomes []outcome, n int) {
	d.t.Helper()
	for i, o := range outcomes {
		if o.err != nil {
			d.t.Errorf("question %d: %v", i, o.err)
		}
	}
	if calls, batches := len(d.backend.Calls()), len(d.Batches()); calls != n || batches != 1 {
		d.t.Errorf("%d calls in %d batches for %d questions", calls, batches, n)
	}
}

// A new attempt, and another question, are asked anew; the same attempt is not.
func TestAskedAnew(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		d := newDesk(t, v)
		_, m := d.open(nil)
		for i, change := range []func(*llm.Request){
			func(*llm.Request) {},
			func(r *llm.Request) { r.Meta.Attempt = 2 }, // whose first was lost
			func(r *llm.Request) { r.Meta.Attempt, r.Meta.Since = 2, 2 },
			func(r *llm.Request) { r.Meta.Key = "other" },
			func(r *llm.Request) { r.Meta.Run = "other" },
			func(r *llm.Request) { r.Messages = []llm.Message{llm.User("something else")} },
		} {
			req := v.question(1)
			change(&req)
			if _, err := m.Generate(t.Context(), req, nil); err != nil {
				t.Fatal(err)
			}
			if want := max(1, i); len(d.backend.Calls()) != want {
				t.Errorf("after request %d: %d calls, want %d", i, len(d.backend.Calls()), want)
			}
		}
	})
}

// A batch has no more requests than it may, those of one model alone, and none of who has
// gone away before it was sent.
func TestGathers(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		d := newDesk(t, v)
		_, m := d.open(func(o *batch.Options) { o.Most = 3 })
		_, done := v.askAll(t.Context(), m, 7)
		<-done
		items := 0
		for _, b := range d.Batches() {
			items += len(b.Items)
			if len(b.Items) > 3 {
				t.Errorf("a batch of %d", len(b.Items))
			}
		}
		if items != 7 {
			t.Errorf("%d items of 7 questions", items)
		}

		gone, leave := context.WithCancel(t.Context())
		left := make(chan error)
		d2 := newDesk(t, v)
		_, m = d2.open(func(o *batch.Options) { o.Most = 2; o.Gather = 1 << 40 }) // sent when there are two
		go func() {
			_, err := m.Generate(gone, v.question(8), nil)
			left <- err
		}()
		leave()
		if err := <-left; err == nil {
			t.Error("who goes away has an answer")
		}
		other := v.question(9)
		other.Model += "-2" // waits for one of its own
		waits, end := context.WithCancel(t.Context())
		go func() {
			_, err := m.Generate(waits, other, nil)
			left <- err
		}()
		_, done = v.askAll(t.Context(), m, 2)
		<-done
		end()
		<-left
		if all := d2.Batches(); len(all) != 1 || len(all[0].Items) != 2 {
			t.Errorf("%d batches, the first of %d", len(all), len(all[0].Items))
		}
	})
}

// What is kept of an owner's batches is cleared away, also what an earlier process has sent,
// and nothing of others.
func TestClear(t *testing.T) {
	v := vendors[0]
	d := newDesk(t, v)
	owned := func(name string) func(*batch.Options) {
		return func(o *batch.Options) { together(1)(o); o.Owner = name }
	}
	for i, owner := range []string{"one", "other", "one"} {
		b, m := d.open(owned(owner))
		if _, err := m.Generate(t.Context(), v.question(i), nil); err != nil {
			t.Fatal(err)
		}
		b.Close()
	}
	files := func() int {
		all, err := filepath.Glob(filepath.Join(d.dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	for _, step := range []struct {
		owner  string
		before int
	}{{"one", 6}, {"other", 2}} {
		if n := files(); n != step.before {
			t.Errorf("%d files, want %d", n, step.before)
		}
		b, _ := d.open(owned(step.owner))
		b.Clear()
		b.Close()
	}
	if n := files(); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

// A file that cannot be read is named before anything is asked.
func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.batch.json")
	if err := os.WriteFile(path, []byte(`{"mark":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := batch.Open(t.Context(), batch.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("opened: %v", err)
	}
}
