package temporal

import (
	"errors"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/llm"
)

// picky is a model that takes no schema.
type picky struct{ asker }

// CheckSchema implements llm.SchemaChecker.
func (picky) CheckSchema(llm.Request) error { return errors.New("not with this schema") }

var formP = pawl.PromptText[struct{}, struct{ A string }]("purpose: Form\n---\n# user\nFill.")

// TestSchemasAreChecked: a model that cannot hold the schema of a listed prompt is refused where
// a run is started, and where it is resumed with it.
func TestSchemasAreChecked(t *testing.T) { temporaltest.Each(t, testSchemasAreChecked) }

func testSchemasAreChecked(t *testing.T, s *temporaltest.Server) {
	f := pawl.New("filling", "Fills a form.", func(r *pawl.Run, _ nothing) (string, error) {
		pawl.Input[string](r, "gate", "Go on?")
		return pawl.Ask(r, "form", formP.With(struct{}{})).A, nil
	}, pawl.Prompts(formP))
	e := deployed(t, s, Options{Models: llm.Catalog{"test": asker(nil), "picky": picky{}}, Flows: []pawl.Flow{f}})("one")
	refused := func(when string, err error) {
		t.Helper()
		if e := pawl.AsError(err, pawl.ErrInternal); err == nil || e.Kind != pawl.ErrInput || !strings.Contains(e.Message, "not with this schema") {
			t.Errorf("%s: %v", when, err)
		}
	}
	_, err := e.Start(t.Context(), f, []byte(`{}`), &pawl.StartOptions{Model: "picky/one"})
	refused("start", err)
	id := enginetest.Start(t, e, f)
	before := enginetest.Follow(t, e, id)
	refused("resume", e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Model: "picky/one"}))
	refused("resume with a fallback", e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Fallback: []string{"picky/one"}}))
	if after := enginetest.Status(t, e, id); after.LastSeq != before.LastSeq {
		t.Errorf("what was refused left events %d to %d", before.LastSeq+1, after.LastSeq)
	}
}
