package cli

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

// statuses are all where a run can stand.
var statuses = pawl.Status("").All()

// statusesFlag is the value of --status: one or several, with commas between or given
// again.
type statusesFlag []pawl.Status

func (f *statusesFlag) String() string { return strings.Join(f.words(), ",") }
func (f *statusesFlag) Type() string   { return "statuses" }

func (f *statusesFlag) Accepts() string {
	all := (statusesFlag)(statuses)
	return "one of " + strings.Join(all.words(), ", ")
}

func (f statusesFlag) words() []string {
	words := make([]string, len(f))
	for i, s := range f {
		words[i] = string(s)
	}
	return words
}

func (f *statusesFlag) Set(s string) error {
	for word := range strings.SplitSeq(s, ",") {
		status := pawl.Status(strings.TrimSpace(word))
		if !slices.Contains(statuses, status) {
			return errors.New("wants " + f.Accepts())
		}
		*f = append(*f, status)
	}
	return nil
}

// completeStatuses completes the last of the values of --status.
func completeStatuses(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	before := begun[:strings.LastIndex(begun, ",")+1]
	var list []cobra.Completion
	for _, s := range statuses {
		if word := before + string(s); strings.HasPrefix(word, begun) {
			list = append(list, word)
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// sinceFlag is the value of --since: a point in time, or an age that it had.
type sinceFlag struct {
	to   *time.Time
	now  func() time.Time
	zone *time.Location
}

func (f sinceFlag) Type() string { return "since" }

func (f sinceFlag) Accepts() string {
	return "an age as in 90m, 12h or 2d, a date as in 2026-01-31, or a time as in 2026-01-31T12:00:00Z"
}

func (f sinceFlag) String() string {
	if f.to == nil || f.to.IsZero() {
		return ""
	}
	return f.to.Format(time.RFC3339)
}

func (f sinceFlag) Set(s string) error {
	var sel view.Selection
	if !sel.SetSince(s, f.now(), f.zone) {
		return errors.New("wants " + f.Accepts())
	}
	*f.to = sel.Since
	return nil
}
