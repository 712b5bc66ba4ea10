package doctor

import (
	"slices"
	"strings"

	"github.com/pawlrun/pawl/llm"
)

// Prices are a user's own.
type Prices struct {
	Own  llm.Prices
	Path string // of the file; empty: there is none
	From string // what says that it is this file
	Err  error  // why they cannot be read; nil: they can
}

// CheckPrices looks at what calls cost by.
func (r *Report) CheckPrices(p Prices) {
	const check = "prices"
	builtin := count(len(llm.DefaultPrices()), "price")
	switch {
	case p.Err != nil:
		r.add(check, Fail, "correct the file; "+r.Command("help", "models")+" says how it is written", "%v", p.Err)
		return
	case p.Path == "":
		r.AddOK(check, "%s built in", builtin)
		return
	}
	models := llm.NewCatalog(r.Providers, r.Getenv)
	var strange []string
	for name := range p.Own {
		if provider, _ := llm.Split(name); models[provider] == nil {
			strange = append(strange, name)
		}
	}
	if len(strange) > 0 {
		slices.Sort(strange)
		r.add(check, Warn, "providers are "+strings.Join(models.Providers(), ", "), "%s: no provider of %s", p.Path, strings.Join(strange, ", "))
		return
	}
	r.AddOK(check, "%s, from %s: %s, above %s built in", p.Path, p.From, count(len(p.Own), "price"), builtin)
}
