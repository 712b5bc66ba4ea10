package replay

import (
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/llm"
)

// CheckSchemas refuses models of a run to which an answer's schema cannot be said, among
// those that its flow's listed prompts ask or that stand in for them. A question would fail
// with what came before it paid for; here it is told with the prompt and the field. What code
// asks beside that is known when it is asked.
func (m Model) CheckSchemas(models llm.Catalog, info pawl.FlowInfo) error {
	for _, p := range info.Prompts {
		if p.Answer == nil {
			continue
		}
		for _, model := range m.Chain(host.Step{Ask: &host.AskStep{Model: p.Model, Fallback: p.Fallback}}) {
			if err := models.CheckSchema(model, p.Answer); err != nil {
				return &pawl.Error{Kind: pawl.ErrInput,
					Message: fmt.Sprintf("flow %s: prompt %q: %s cannot be asked for its answer: %v", info.Name, p.Name, model, err),
					Hint:    "choose another model, for the run or in the prompt's header, or change the type of the answer"}
			}
		}
	}
	return nil
}
