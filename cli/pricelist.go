package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
)

func (a *app) pricesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "prices [MODEL]",
		Short: "List what calls of models cost, and by which prices",
		Long: "List the prices by which the cost of calls is known, in dollars for a million tokens:\n" +
			"those that are built in, and yours above them. With a MODEL only what counts for it:\n" +
			"its own price, that of its name without a date, or that of all models of its provider;\n" +
			"with a provider's name, as in openai, only that provider's.",
		Example: a.example("prices") + "\n" + a.example("prices", "openai") + "\n" + a.example("prices", "anthropic/claude-haiku-4-5-20251001", "--json"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return badInput("wants one MODEL or none, has %d", len(args))
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return a.completePriced(args, begun), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			return a.listPrices(strings.Join(args, ""))
		},
	}
}

// priceRow is a price as it is listed.
type priceRow struct {
	Model          string             `json:"model"`            // the full name, or PROVIDER/* for all models of a provider that have none of their own
	Input          float64            `json:"input"`            // dollars for a million tokens of input that have nothing to do with a cache
	CachedInput    *float64           `json:"cached_input"`     // of those read from the provider's cache; null: as input
	CacheWrite     *float64           `json:"cache_write"`      // of those written into it; null: as input
	Output         float64            `json:"output"`           // of the answer, reasoning included
	Batch          *float64           `json:"batch"`            // the share of it that an answer of a vendor's batch costs; null: all of it
	Tiers          map[string]float64 `json:"tiers,omitempty"`  // what answers of other service tiers cost, as multiples of it; those that are missing: unknown
	MoreThan       int64              `json:"more_than"`        // it holds for requests with more tokens of input than so many, cached ones included
	MaxInputTokens int64              `json:"max_input_tokens"` // and with up to so many; 0: any number
	From           string             `json:"from"`             // what says so: built in, or the path of your file
	Source         string             `json:"source"`           // where it was found, and when; may be empty
}

// priceList is what prices --json prints.
type priceList struct {
	Model  string     `json:"model"`  // the model or provider that was asked for; empty: all
	Prices []priceRow `json:"prices"` // by model; a longer request of one behind a shorter
}

func (a *app) listPrices(asked string) error {
	own, path, _, err := a.ownPrices()
	if err != nil {
		return a.badPrices(err)
	}
	all := llm.DefaultPrices().With(own)
	list := priceList{Model: asked, Prices: []priceRow{}}
	for _, name := range pricesFor(all, asked) {
		from := "built in"
		if _, mine := own[name]; mine {
			from = path
		}
		list.add(name, from, all[name])
	}
	switch {
	case asked != "" && len(list.Prices) == 0:
		return badInput("no price is known for %q; what its calls cost is unknown, and %s says how prices are set", asked, a.command("help", "models"))
	case a.json:
		return a.printJSON(list)
	case a.quiet:
		for _, p := range list.Prices {
			fmt.Fprintln(a.out, term.Plain(p.Model))
		}
		return nil
	}
	a.printPrices(list)
	return nil
}

// completePriced completes a model that has a price, or a provider of such.
func (a *app) completePriced(args []string, begun string) (list []cobra.Completion) {
	if len(args) > 0 {
		return nil
	}
	own, _, _, err := a.ownPrices()
	if err != nil {
		return nil
	}
	for _, name := range pricesFor(llm.DefaultPrices().With(own), "") {
		if strings.HasPrefix(name, begun) {
			list = append(list, name)
		}
	}
	return list
}

// pricesFor returns the names whose prices count for a model, a provider's name, or "" for
// all, in order.
func pricesFor(all llm.Prices, asked string) (names []string) {
	if strings.Contains(asked, "/") {
		if name, known := all.Name(asked); known {
			names = append(names, name)
		}
		return names
	}
	for name := range all {
		if provider, _ := llm.Split(name); asked == "" || provider == asked {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// add adds a price, and those of longer requests.
func (l *priceList) add(model, from string, p llm.Price) {
	source, batch := p.Source, p.Batch
	for above := int64(0); ; above = p.MaxInputTokens {
		if above > 0 {
			p = *p.Longer
		}
		var share *float64
		if batch = cmp.Or(p.Batch, batch); batch > 0 {
			share = new(batch)
		}
		l.Prices = append(l.Prices, priceRow{Model: model, Input: p.Input, CachedInput: p.CachedInput, CacheWrite: p.CacheWrite, Output: p.Output, Batch: share, Tiers: p.Tiers,
			MoreThan: above, MaxInputTokens: p.MaxInputTokens, From: from, Source: cmp.Or(p.Source, source)})
		if p.Longer == nil {
			return
		}
	}
}

func (a *app) printPrices(list priceList) {
	rows := [][]string{{"MODEL", "INPUT", "CACHED", "WRITTEN", "OUTPUT", "BATCH", "TOKENS IN", "FROM"}}
	for _, p := range list.Prices {
		rows = append(rows, []string{term.Plain(p.Model), dollarsOf(&p.Input), dollarsOf(p.CachedInput), dollarsOf(p.CacheWrite), dollarsOf(&p.Output), shareOf(p.Batch), lengths(p), term.Plain(p.From)})
	}
	a.table(rows)
	if len(list.Prices) > 0 && list.Model != "" {
		for _, p := range list.Prices {
			if len(p.Tiers) > 0 {
				a.say("service tiers of %s, as a share of it: %s", term.Plain(p.Model)+longerThan(p), tiersOf(p.Tiers))
			}
		}
		for _, source := range sourcesOf(list.Prices) {
			a.say("source: %s", source)
		}
	}
	a.say("dollars for a million tokens; where none is said for what was cached or written, it costs what input costs")
}

func sourcesOf(prices []priceRow) (sources []string) {
	for _, p := range prices {
		if p.Source != "" && !slices.Contains(sources, p.Source) {
			sources = append(sources, term.Plain(p.Source))
		}
	}
	return sources
}

func dollarsOf(usd *float64) string {
	if usd == nil {
		return "–"
	}
	text := strconv.FormatFloat(*usd, 'f', -1, 64)
	if _, cents, _ := strings.Cut(text, "."); len(cents) < 2 {
		text = strconv.FormatFloat(*usd, 'f', 2, 64)
	}
	return text
}

// tiersOf says what answers of other service tiers cost.
func tiersOf(tiers map[string]float64) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(tiers)) {
		share := tiers[name]
		all = append(all, term.Plain(name)+" "+shareOf(&share))
	}
	return strings.Join(all, ", ")
}

// longerThan says that a price is of longer requests, if it is.
func longerThan(p priceRow) string {
	if p.MoreThan == 0 {
		return ""
	}
	return " with more than " + term.Grouped(p.MoreThan) + " tokens in"
}

// lengths says for which length of a request a price holds.
func lengths(p priceRow) string {
	switch {
	case p.MoreThan > 0:
		return "more than " + term.Grouped(p.MoreThan)
	case p.MaxInputTokens > 0:
		return "up to " + term.Grouped(p.MaxInputTokens)
	}
	return ""
}

// shareOf is a share of a price in percent.
func shareOf(share *float64) string {
	if share == nil {
		return ""
	}
	return strconv.FormatFloat(100**share, 'f', -1, 64) + "%"
}
