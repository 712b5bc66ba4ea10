package pawl_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// Numbers that are none, and models without a name, are refused where they are written.
func TestBadAttempts(t *testing.T) {
	q := pawl.Messages[string]("Asking", llm.User("?"))
	for says, make := range map[string]func(){
		"Tries(0): wants 1 or more":                  func() { q.Tries(0) },
		"Tries(-3): wants 1 or more":                 func() { q.Tries(-3) },
		"Repairs(-1): wants 0 or more":               func() { q.Repairs(-1) },
		`Fallback(["a/b" ""]): names an empty model`: func() { q.Fallback("a/b", "") },
	} {
		func() {
			defer func() {
				if p := fmt.Sprint(recover()); !strings.Contains(p, says) {
					t.Errorf("panicked with %s, want %s", p, says)
				}
			}()
			make()
		}()
	}
	q.Tries(1).Repairs(0).Fallback() // the least there can be
}

func TestTransient(t *testing.T) {
	cause := errors.New("down")
	for err, after := range map[error]time.Duration{
		pawl.Transient(cause):                                     time.Duration(0),
		pawl.RetryAfter(cause, time.Minute):                       time.Minute,
		pawl.RetryAfter(cause, -time.Minute):                      0,
		fmt.Errorf("post: %w", pawl.RetryAfter(cause, time.Hour)): time.Hour,
	} {
		e := pawl.AsError(err, pawl.ErrStep)
		if e.Kind != pawl.ErrTransient || !e.Kind.Transient() || e.Kind.OfQuestion() || e.RetryAfter != after || e.Message != "down" || !errors.Is(err, cause) {
			t.Errorf("%v: %+v", err, e)
		}
	}
	if pawl.Transient(nil) != nil || pawl.RetryAfter(nil, time.Minute) != nil {
		t.Error("no error will not pass")
	}
	if e := pawl.AsError(&llm.Error{Kind: llm.RateLimit, RetryAfter: time.Minute}, pawl.ErrStep); e.RetryAfter != time.Minute {
		t.Errorf("the wire's delay is lost: %+v", e)
	}
}
