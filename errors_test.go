package pawl_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"strconv"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// kinds returns the constants of type ErrorKind in a file.
func kinds(t *testing.T, path string) []pawl.ErrorKind {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []pawl.ErrorKind
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); ok && id.Name == "ErrorKind" {
			s, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, pawl.ErrorKind(s))
		}
		return true
	})
	return all
}

func TestErrorKinds(t *testing.T) {
	type row struct {
		exit, http int
		transient  bool
		question   bool // as the failure of a step, a Try form returns it
	}
	want := map[pawl.ErrorKind]row{
		"input":     {2, 422, false, true},
		"not_found": {2, 404, false, true},
		"database":  {2, 503, false, false},
		"storage":   {1, 503, false, false},
		"conflict":  {1, 409, false, true},
		"gate":      {1, 502, false, true},
		"step":      {1, 500, false, true},
		"transient": {1, 502, true, false},
		"flow":      {1, 500, false, false},
		"mismatch":  {1, 409, false, false},
		"unknown":   {3, 409, false, false},
		"waiting":   {3, 409, false, false},
		"expired":   {1, 504, false, true},
		"stopped":   {1, 409, false, false},
		"canceled":  {4, 410, false, false},
		"rejected":  {4, 410, false, true},
		"interrupt": {130, 503, false, false},
		"internal":  {1, 500, false, false},

		"rate_limit":     {1, 429, true, false},
		"overloaded":     {1, 502, true, false},
		"timeout":        {1, 504, true, false},
		"network":        {1, 502, true, false},
		"auth":           {1, 502, false, false},
		"quota":          {1, 502, false, false},
		"invalid":        {1, 502, false, false},
		"context_length": {1, 502, false, true},
		"too_large":      {1, 502, false, true},
		"filtered":       {1, 502, false, true},
		"refused":        {1, 502, false, true},
		"truncated":      {1, 502, false, true},
	}
	wire := kinds(t, "llm/error.go")
	seen := map[pawl.ErrorKind]bool{}
	for _, k := range append(kinds(t, "errors.go"), wire...) {
		seen[k] = true
		w, ok := want[k]
		if got := (row{k.Exit(), k.HTTPStatus(), k.Transient(), k.OfQuestion()}); !ok || got != w {
			t.Errorf("%s: got %+v, want %+v", k, got, w)
		}
	}
	for _, k := range wire {
		if k.Transient() != llm.ErrorKind(k).Transient() {
			t.Errorf("%s: the wire says something else of its being transient", k)
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%d kinds are declared, want %d: %v", len(seen), len(want), seen)
	}
	if k := pawl.ErrorKind("new"); k.Exit() != 1 || k.HTTPStatus() != http.StatusInternalServerError || k.Transient() || k.OfQuestion() {
		t.Error("an unknown kind must be one that a program can end with")
	}
}

func TestErrorIs(t *testing.T) {
	cause := errors.New("disk full")
	err := error(&pawl.Error{Kind: pawl.ErrStorage, Message: "append", Err: cause})
	for _, e := range []error{err, fmt.Errorf("run: %w", err), errors.Join(errors.New("x"), err)} {
		if !errors.Is(e, pawl.ErrStorage) || errors.Is(e, pawl.ErrInput) || !errors.Is(e, cause) {
			t.Errorf("%v", e)
		}
	}
	twice := &pawl.Error{Kind: pawl.ErrInput, Message: "outer", Err: err}
	if !errors.Is(twice, pawl.ErrInput) || !errors.Is(twice, pawl.ErrStorage) {
		t.Error("a cause keeps its kind")
	}
	if !errors.Is(fmt.Errorf("no: %w", pawl.ErrRejected), pawl.ErrRejected) || pawl.ErrRejected.Error() != "rejected" {
		t.Error("a kind is an error by itself")
	}
}

func TestAsError(t *testing.T) {
	own := &pawl.Error{Kind: pawl.ErrGate, Message: "no", Run: "r", Step: "s"}
	wire := &llm.Error{Kind: llm.Auth, Message: "bad key", Hint: "set it", Status: 401}
	wrapped := fmt.Errorf("ask: %w", wire)
	other := errors.New("other")
	for _, c := range []struct {
		name string
		err  error
		want pawl.Error
	}{
		{"own", fmt.Errorf("wrapped: %w", own), *own},
		{"wire", wrapped, pawl.Error{Kind: "auth", Message: "ask: auth: bad key (HTTP 401)", Hint: "set it", Err: wrapped}},
		{"own above wire", &pawl.Error{Kind: pawl.ErrStep, Message: "m", Err: wire}, pawl.Error{Kind: pawl.ErrStep, Message: "m", Err: wire}},
		{"kind", pawl.ErrRejected, pawl.Error{Kind: pawl.ErrRejected, Message: "rejected", Err: pawl.ErrRejected}},
		{"other", other, pawl.Error{Kind: pawl.ErrFlow, Message: "other", Err: other}},
		{"context", context.Canceled, pawl.Error{Kind: pawl.ErrFlow, Message: "context canceled", Err: context.Canceled}},
	} {
		if got := pawl.AsError(c.err, pawl.ErrFlow); *got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, *got, c.want)
		}
	}
	if pawl.AsError(nil, pawl.ErrFlow) != nil {
		t.Error("nil is no error")
	}
	var wantWire *llm.Error
	if !errors.As(pawl.AsError(wrapped, pawl.ErrFlow), &wantWire) {
		t.Error("the wire's error is lost")
	}
}

func TestErrorRecord(t *testing.T) {
	e := &pawl.Error{Kind: pawl.ErrGate, Message: "m", Hint: "h", Run: "r", Step: "s[1]/t", Err: errors.New("x")}
	got, err := json.Marshal(e.Record())
	if want := `{"kind":"gate","message":"m","hint":"h","step":"s[1]/t"}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestErrorSaysWhere(t *testing.T) {
	for _, c := range []struct {
		err  pawl.Error
		want string
	}{
		{pawl.Error{Message: "step \"a\" was decided already", Run: "r1", Step: "a"}, `step "a" was decided already`},
		{pawl.Error{Message: "no", Flow: "f", Run: "r1"}, "run r1 of f: no"},
		{pawl.Error{Message: "no", Flow: "f", Run: "r1", Step: "a[0]/b"}, `run r1 of f, step "a[0]/b": no`},
		{pawl.Error{Kind: pawl.ErrMismatch, Message: `step "a" is recorded as ask`, Flow: "f", Run: "r1", Step: "a"}, `run r1 of f: step "a" is recorded as ask`},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// What a provider's error became has its kind in the message already.
func TestErrorRecordSaysItsKindOnce(t *testing.T) {
	for _, err := range []error{&llm.Error{Kind: llm.Refused, Message: "no"}, &pawl.Error{Kind: "refused", Message: "no"}} {
		if got := pawl.AsError(err, pawl.ErrStep).Record().String(); got != "refused: no" {
			t.Errorf("%T reads %q", err, got)
		}
	}
}
