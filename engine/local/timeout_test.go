package local_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
)

// TestDoTimeout: the context of each attempt ends at its time-out. Code that may run
// twice does so then, whatever it says of it; other code has failed.
func TestDoTimeout(t *testing.T) {
	says := errors.New("killed")
	for _, c := range []struct {
		name  string
		err   error // nil: that of its context
		opts  []pawl.DoOption
		kind  pawl.ErrorKind // empty: it is done
		calls int
	}{
		{"repeatable", nil, []pawl.DoOption{pawl.Repeatable}, "", 3},
		{"repeatable, in its own words", says, []pawl.DoOption{pawl.Repeatable}, "", 3},
		{"repeatable, twice at most", nil, []pawl.DoOption{pawl.Repeatable, pawl.Tries(2)}, "timeout", 2},
		{"repeatable, and no matter of time", &pawl.Error{Kind: pawl.ErrStep, Message: "no"}, []pawl.DoOption{pawl.Repeatable}, "step", 1},
		{"not repeatable", nil, nil, "step", 1},
		{"not repeatable, but it will pass", pawl.Transient(says), nil, "", 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				work := func(ctx context.Context, _ int) (string, error) {
					if calls++; calls == 3 {
						return "done", nil
					}
					begin := time.Now()
					<-ctx.Done()
					if d := time.Since(begin); d != 5*time.Second || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
						t.Errorf("its context ended after %s: %v", d, ctx.Err())
					}
					if c.err != nil {
						return "", c.err
					}
					return "", ctx.Err()
				}
				f := pawl.New("f", "Does.", func(r *pawl.Run, in topic) (string, error) {
					return pawl.Do(r, "d", 1, work, append(c.opts, pawl.Timeout(5*time.Second))...), nil
				})
				e := newEngine(checktest.Memory(t), &script{}, f)
				defer e.Close(t.Context())
				rec := finish(t, e, f)
				if c.kind == "" && rec.Status != pawl.StatusDone || c.kind != "" && (rec.Status != pawl.StatusFailed || rec.Error.Kind != c.kind) || calls != c.calls {
					t.Errorf("run is %s after %d calls: %+v", rec.Status, calls, rec.Error)
				}
				if c.name == "not repeatable" && (rec.Error.Message != "ended by its timeout of 5s: context deadline exceeded" || !strings.Contains(rec.Error.Hint, "may have happened")) {
					t.Errorf("%+v", rec.Error)
				}
			})
		})
	}
}

// Numbers that are none are refused where they are written, and fail the run.
func TestBadNumbersOfADo(t *testing.T) {
	for says, opt := range map[string]pawl.DoOption{
		`step "d": Tries(0): wants 1 or more`:         pawl.Tries(0),
		`step "d": Tries(-2): wants 1 or more`:        pawl.Tries(-2),
		`step "d": Timeout(0s): wants more than 0`:    pawl.Timeout(0),
		`step "d": Timeout(-1m0s): wants more than 0`: pawl.Timeout(-time.Minute),
	} {
		f := pawl.New("f", "Does.", func(r *pawl.Run, in topic) (int, error) { return pawl.Do(r, "d", 1, nothing, opt), nil })
		rec := finish(t, newEngine(checktest.Memory(t), &script{}, f), f)
		if rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrFlow || !strings.Contains(rec.Error.Message, says) {
			t.Errorf("run is %s: %+v, want %q", rec.Status, rec.Error, says)
		}
	}
}
