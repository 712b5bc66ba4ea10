package local

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/llm"
)

// allOf is how MaxCalls names all models of a provider.
func allOf(provider string) string { return provider + "/*" }

// CheckMaxCalls says what is wrong with an entry of Options.MaxCalls; nil: nothing.
func CheckMaxCalls(model string, n int) error {
	switch provider, name := llm.Split(model); {
	case provider == "" || model == provider+"/":
		return fmt.Errorf("%q is no model; wants PROVIDER/NAME, or PROVIDER/* for all models of a provider", model)
	case strings.Contains(name, "*") && name != "*":
		return fmt.Errorf("%q: * stands for all models of a provider, as in %s", model, allOf(provider))
	case n < 1:
		return fmt.Errorf("%s: %d calls, wants 1 or more", model, n)
	}
	return nil
}

// CheckBounded says what is wrong with the name of an entry of Options.MaxCalls where these
// models are: its provider is none of them, or it is the nameless model of one whose models have
// names. It would bound nothing. nil: nothing is.
func CheckBounded(models llm.Catalog, model string) error {
	provider, _ := llm.Split(model)
	if models[provider] == nil {
		return fmt.Errorf("%s: no provider %q; providers are %s", model, provider, strings.Join(models.Providers(), ", "))
	}
	if check, ok := models[provider].(llm.Checker); ok && model == provider && check.CheckModel("") != nil {
		return fmt.Errorf("%s is no model; wants %s/NAME, or %s for all its models together", model, provider, allOf(provider))
	}
	return nil
}

// limiter returns what bounds the calls of a model: what its provider takes and what
// MaxCalls says of it, and of all models of its provider together.
func (e *Engine) limiter(model string) exec.Limiter {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.limiters[model]
	if l == nil {
		n, given := e.maxCalls[model]
		if !given {
			n = cmp.Or(e.inFlight, maxInFlight)
		}
		l = e.poolOf(model).limiter(n)
		e.limiters[model] = l
	}
	return l
}

// poolOf returns the pool of a model: its provider's if MaxCalls bounds that, or one of its
// own. It is called with mu held.
func (e *Engine) poolOf(model string) *pool {
	provider, _ := llm.Split(model)
	n, bounded := e.maxCalls[allOf(provider)]
	if !bounded {
		return newPool(0)
	}
	p := e.pools[provider]
	if p == nil {
		p = newPool(n)
		e.pools[provider] = p
	}
	return p
}
