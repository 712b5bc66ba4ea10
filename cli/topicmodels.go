package cli

import (
	"strings"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
)

// modelsTopic says which models the providers have, which is the default and what
// they cost.
func (a *app) modelsTopic() string {
	var rows []helpRow
	var more []string
	for _, p := range a.providers {
		rows = append(rows, helpRow{synopsis(p), p.About})
		if p.Help != "" {
			more = append(more, foldLines(p.Help))
		}
	}
	texts := append([]string{
		"A model is PROVIDER/NAME. run --model asks it in every step, above what prompts\n" +
			"say; resume goes on with it unless it gets a --model of its own. --fallback names\n" +
			"one to ask where those before cannot answer: the account is refused, or trouble\n" +
			"has not passed after some attempts.",
		helpRows(rows),
		term.Hang(a.defaultRule(), 0, helpWidth) + "\n`help environment` lists all variables. Quote a name with ? or & for your shell.",
		pricesHelp,
		limitsHelp,
	}, more...)
	return strings.Join(texts, "\n\n")
}

// foldLines breaks the lines of a text that are too long for a topic of help.
func foldLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = foldHelp(line, helpWidth)
	}
	return strings.Join(lines, "\n")
}

// synopsis is how the models of a provider are named.
func synopsis(p llm.Provider) string {
	if len(p.Models) > 0 && p.Models[0] == "" {
		return p.Name
	}
	return p.FullName("NAME")
}

// defaultRule says what defaultModel does.
func (a *app) defaultRule() string {
	rule := []string{"the one that " + modelVariable + " names"}
	for _, p := range a.providers {
		needed := required(p)
		switch {
		case p.StandIn:
		case len(needed) > 0 && len(p.Models) > 0:
			rule = append(rule, p.FullName(p.Models[0])+" if "+strings.Join(needed, " and ")+" is set")
		case len(p.Models) > 0:
			rule = append(rule, p.FullName(p.Models[0]))
		case p.Probe != nil && address(p) != "":
			rule = append(rule, "the model of the server at "+address(p)+" if it has one alone")
		}
	}
	if name := a.standIn(); name != "" {
		rule = append(rule, name+" where a person can see that it answers: not with --quiet in a script")
	}
	return "The default is " + strings.Join(rule, ", else ") + "."
}

// address is the variable of a provider's address; empty: it has none.
func address(p llm.Provider) string {
	for _, s := range p.Settings {
		if s.Address {
			return s.Name
		}
	}
	return ""
}

const pricesHelp = `What calls cost follows from the tokens that the provider reports and from a list
of prices, and is kept with each call. Of a model without a price the cost is
unknown, which is not $0. Prices of your own go into prices.json in the data
directory, or into the file that PAWL_PRICES names, in dollars for a million
tokens. They stand above those that are built in, one by one:

  {
    "PROVIDER/NAME": {"input": 0.75, "cached_input": 0.075, "output": 4.5},
    "PROVIDER/*":    {"input": 0, "output": 0}
  }

A name with a date at its end costs what the name without it does, unless it has
an entry of its own; * stands for all models of a provider that have none.
Without "cached_input", what is read from the provider's cache costs what input
costs, and so, without "cache_write", does what is written into it. "batch" is the
share of the price that an answer of a vendor's batch costs (batch --wait): 0.5.
"tiers" says the same of service tiers that answers name, as in {"flex": 0.5,
"priority": 2}; what an answer of another tier costs is unknown, but for the ordinary
ones (default, standard, on_demand). "show RUN --step KEY" says the tier.
"max_input_tokens" says up to which length of a request the price holds, "longer",
an object of the same fields, what a longer one costs; without it that is unknown.
"source" says where you found it.`

const limitsHelp = `Every answer has a limit of tokens, thoughts included: what the flow's code says,
else max_tokens in the header of the prompt, else the model's own, which is 32,000
for OpenAI's reasoning models and 16,384 for models of which nothing is known. A
budget reserves as much. An answer that reaches it is asked for once more with
twice as much. "show RUN --step KEY" says what was sent.`
