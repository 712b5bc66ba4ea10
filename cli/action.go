package cli

import (
	"strconv"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// actionCommand is the command line that does an action on a blocker of a run.
func (a *app) actionCommand(run pawl.RunID, b pawl.Blocker, act pawl.Action) string {
	switch act.Name {
	case pawl.DecideCancel:
		return a.command("cancel", string(run))
	case pawl.DecideRetry:
		if b.Kind != pawl.BlockerMismatch || b.Key == "" {
			return a.command("resume", string(run))
		}
	case pawl.DecideRaise:
		return a.command(append([]string{"raise", string(run)}, raiseWords(act.Budget)...)...)
	}
	words := []string{string(act.Name), string(run)}
	if b.Key != "" {
		words = append(words, string(b.Key))
	}
	words = append(words, "--seen", replay.Seen(b.Digest))
	switch act.Name {
	case pawl.DecideReject:
		if len(b.Reasons) > 1 { // a word of which one is to be left
			words = append(words, "--reason", strings.Join(b.Reasons, "|"))
		}
		words = append(words, "-m", "TEXT")
	case pawl.DecideAnswer, pawl.DecideSupply:
		words = append(words, "--file", "FILE")
	}
	return a.command(words...)
}

// raiseWords are the flags of raise that set these limits. An older program's
// blocker proposes none.
func raiseWords(b *pawl.Budget) (words []string) {
	if b == nil {
		return []string{"--budget-usd", "N", "--budget-tokens", "N", "--budget-calls", "N"}
	}
	if b.USD != nil {
		words = append(words, "--budget-usd", strconv.FormatFloat(*b.USD, 'f', -1, 64))
	}
	if b.Tokens != nil {
		words = append(words, "--budget-tokens", strconv.FormatInt(*b.Tokens, 10))
	}
	if b.Calls != nil {
		words = append(words, "--budget-calls", strconv.FormatInt(*b.Calls, 10))
	}
	return words
}

// budgetHint says what is to be known of a budget blocker before its budget is raised;
// else it is empty.
func (a *app) budgetHint(b pawl.Blocker) string {
	return strings.TrimPrefix(strings.TrimSuffix(a.priceHint(b)+"; "+b.Basis, "; "), "; ")
}

// priceHint says what can be done about a blocker that is there since a price is not
// known; else it is empty.
func (a *app) priceHint(b pawl.Blocker) string {
	if b.Unpriced == "" {
		return ""
	}
	return "a price in the prices file (PAWL_PRICES or " + pricesFile + " in the data directory) counts for the calls to come, and a raise without --budget-usd gives the limit in dollars up; " +
		a.command("help", "models") + " says more"
}
