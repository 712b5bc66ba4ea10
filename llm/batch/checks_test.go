package batch_test

import (
	"context"
	"errors"
	"testing"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/batch"
)

// picky refuses every schema.
type picky struct{ asked llm.Request }

func (*picky) Generate(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
	return llm.Response{}, nil
}

var errPicky = errors.New("not this one")

func (p *picky) CheckSchema(req llm.Request) error {
	p.asked = req
	return errPicky
}

// What a model says of a schema is said of it in a batch, too.
func TestSchemasAreChecked(t *testing.T) {
	p := &picky{}
	m, ok := new(batch.Box).Model(p).(llm.SchemaChecker)
	if !ok || m.CheckSchema(llm.Request{Model: "one"}) != errPicky || p.asked.Model != "one" {
		t.Errorf("the wrapped model was asked for %+v", p.asked)
	}
	if err := new(batch.Box).Model(llm.Func(p.Generate)).(llm.SchemaChecker).CheckSchema(llm.Request{}); err != nil {
		t.Errorf("a model that checks none: %v", err)
	}
}
