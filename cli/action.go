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
		return a.command(append([]string{"raise", string(run)}, raiseWords(b, act.Budget)...)...)
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

// raiseWords are the flags of a raise at a budget blocker that sets these limits. An older
// program's blocker proposes none. At a limit on many runs it says what was shown.
func raiseWords(b pawl.Blocker, to *pawl.Budget) (words []string) {
	if b.Limit != nil {
		words = []string{"--seen", replay.Seen(b.Digest)}
	}
	if to == nil {
		return append(words, "--budget-usd", "N", "--budget-tokens", "N", "--budget-calls", "N")
	}
	if to.USD != nil {
		words = append(words, "--budget-usd", strconv.FormatFloat(*to.USD, 'f', -1, 64))
	}
	if to.Tokens != nil {
		words = append(words, "--budget-tokens", strconv.FormatInt(*to.Tokens, 10))
	}
	if to.Calls != nil {
		words = append(words, "--budget-calls", strconv.FormatInt(*to.Calls, 10))
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
