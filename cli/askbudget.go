package cli

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/internal/view"
)

var chooseOther = choice{"o", "other", "name the limit yourself"}

// raise asks for a budget: the limits that are enough, or others.
func (q *asking) raise(b *view.Blocker) (d pawl.Decision, err error) {
	d.What = pawl.DecideRaise
	may := []choice{chooseOther}
	if i := slices.IndexFunc(b.Actions, func(act pawl.Action) bool { return act.Name == pawl.DecideRaise }); b.Actions[i].Budget != nil {
		d.Budget = b.Actions[i].Budget // what is enough
		enough := page.Limits(*d.Budget)
		may = slices.Insert(may, 0, choice{"r", "raise to " + enough, "let the run take that much, and go on"})
	}
	if hint := q.app.budgetHint(b.Blocker); hint != "" {
		q.app.say("%s", hint)
	}
	answer, err := q.choose(b, may...)
	if err != nil || answer == "r" {
		return d, err
	}
	text, err := q.line("limits, as in --budget-usd 2.50, --budget-tokens 90000 or --budget-calls 40; nothing is later")
	if err == nil && strings.TrimSpace(text) == "" {
		err = errLater
	}
	if err == nil {
		d.Budget, err = readLimits(text)
	}
	return d, err
}

// readLimits reads limits as one gives them to `raise`.
func readLimits(text string) (*pawl.Budget, error) {
	var by pawl.Budget
	flags := pflag.NewFlagSet("raise", pflag.ContinueOnError)
	flags.Usage = func() {}
	budgetFlags(flags, &by)
	switch err := flags.Parse(strings.Fields(text)); {
	case err != nil:
		return nil, badInput("%v", err)
	case flags.NArg() > 0:
		return nil, badInput("%q is no limit; wants --budget-usd, --budget-tokens or --budget-calls, each with its number", flags.Arg(0))
	case given(by) == nil:
		return nil, badInput("names no limit")
	}
	return &by, nil
}
