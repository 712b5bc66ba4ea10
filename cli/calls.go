package cli

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/llm"
)

// callLimits are how calls of models are bounded where runs are executed.
type callLimits struct {
	max     map[string]int // in flight at once, see local.Options.MaxCalls
	timeout time.Duration  // of an attempt; 0: as the flow says
}

const (
	maxCallsVariable = "PAWL_MAX_CALLS"
	timeoutVariable  = "PAWL_TIMEOUT"
)

// callFlags are the flags of commands that execute runs.
func (a *app) callFlags(flags *pflag.FlagSet) {
	flags.Var(maxCallsFlag{&a.calls.max}, "max-calls", "have at most N calls of a model in flight, `MODEL=N`, or with PROVIDER/* of all its models together; may be given more than once; default 64 of each")
	flags.Var(timeoutFlag{&a.calls.timeout}, "timeout", "let each attempt at a model take at most `TIME`, above what prompts say; default 3m where they say nothing")
}

// limits are those of the flags, above those of the environment, model by model.
func (a *app) limits() (callLimits, error) {
	var l callLimits
	for _, v := range []struct {
		name string
		to   interface {
			pflag.Value
			Accepts() string
		}
	}{{maxCallsVariable, maxCallsFlag{&l.max}}, {timeoutVariable, timeoutFlag{&l.timeout}}} {
		if value := a.getenv(v.name); value != "" && v.to.Set(value) != nil {
			return l, badInput("%s is %q, wants %s", v.name, value, v.to.Accepts())
		}
	}
	if err := a.checkProviders(maxCallsVariable, l.max); err != nil {
		return l, err
	}
	if err := a.checkProviders("--max-calls", a.calls.max); err != nil {
		return l, err
	}
	if l.max == nil {
		l.max = map[string]int{}
	}
	maps.Copy(l.max, a.calls.max)
	l.timeout = cmp.Or(a.calls.timeout, l.timeout)
	return l, nil
}

// checkProviders refuses bounds of models that there are not: they would bound nothing. from says
// where they were given.
func (a *app) checkProviders(from string, max map[string]int) error {
	catalog := a.models()
	for _, model := range slices.Sorted(maps.Keys(max)) {
		if err := local.CheckBounded(catalog, model); err != nil {
			return badInput("%s: %v", from, err)
		}
	}
	return nil
}

// words are the flags that say the limits again.
func (l callLimits) words() (words []string) {
	for _, model := range slices.Sorted(maps.Keys(l.max)) {
		words = append(words, "--max-calls", fmt.Sprintf("%s=%d", model, l.max[model]))
	}
	if l.timeout > 0 {
		words = append(words, "--timeout", timeoutFlag{&l.timeout}.String())
	}
	return words
}

// slowHint adds to the hint of a failure for want of time, or for the rate of calls, which
// flags help.
func (a *app) slowHint(rec pawl.RunRecord, hint string) string {
	if rec.Error == nil || a.later != nil {
		return hint
	}
	model := failedModel(rec)
	if model == "" { // it was code that took too long
		return hint
	}
	provider, _ := llm.Split(model)
	ways := fmt.Sprintf("--max-calls %s sends one call at a time", term.Quote(provider+"/*=1"))
	switch rec.Error.Kind {
	case pawl.ErrorKind(llm.Timeout):
		ways = fmt.Sprintf("--timeout %s gives each attempt more time, %s", a.moreTime(), ways)
	case pawl.ErrorKind(llm.RateLimit):
	default:
		return hint
	}
	return strings.TrimPrefix(hint+"; "+ways, "; ")
}

// failedModel is the model of the step that failed a run; empty: it asked none.
func failedModel(rec pawl.RunRecord) string {
	for _, s := range rec.Steps {
		if n := len(s.Attempts); s.Key == rec.Error.Step && n > 0 {
			return s.Attempts[n-1].Model
		}
	}
	return rec.Model
}

// moreTime is a time of attempts that is longer than the one that was given.
func (a *app) moreTime() string {
	more := 10 * time.Minute
	if a.calls.timeout >= more {
		more = 2 * a.calls.timeout
	}
	return timeoutFlag{&more}.String()
}

// maxCallsFlag is calls in flight by model.
type maxCallsFlag struct{ to *map[string]int }

func (f maxCallsFlag) Type() string { return "calls" }
func (f maxCallsFlag) Accepts() string {
	return "MODEL=N with N from 1 up, as in openai/gpt-5.4=8 or openai-chat/*=1"
}

func (f maxCallsFlag) String() string {
	if f.to == nil {
		return ""
	}
	var all []string
	for _, model := range slices.Sorted(maps.Keys(*f.to)) {
		all = append(all, fmt.Sprintf("%s=%d", model, (*f.to)[model]))
	}
	return strings.Join(all, ",")
}

// Set takes MODEL=N, or several with commas between them.
func (f maxCallsFlag) Set(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		at := strings.LastIndex(part, "=") // options of a model's name may have one too
		if at < 0 {
			return errors.New("wants " + f.Accepts())
		}
		model := strings.TrimSpace(part[:at])
		n, err := strconv.Atoi(strings.TrimSpace(part[at+1:]))
		if err != nil || local.CheckMaxCalls(model, n) != nil {
			return errors.New("wants " + f.Accepts())
		}
		if *f.to == nil {
			*f.to = map[string]int{}
		}
		(*f.to)[model] = n
	}
	return nil
}

// timeoutFlag is the time of an attempt.
type timeoutFlag struct{ to *time.Duration }

func (f timeoutFlag) Type() string    { return "time" }
func (f timeoutFlag) Accepts() string { return "a time above 0, as in 90s or 10m" }

func (f timeoutFlag) String() string {
	if f.to == nil || *f.to == 0 {
		return ""
	}
	s := f.to.String() // 1h0m0s
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func (f timeoutFlag) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return errors.New("wants " + f.Accepts())
	}
	*f.to = d
	return nil
}

// completeMaxCalls completes the model of --max-calls; the number follows.
func (a *app) completeMaxCalls(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var list []cobra.Completion
	for _, p := range a.providers {
		names := []string{p.Name + "/*"}
		for _, m := range p.Models {
			if m != "" {
				names = append(names, p.FullName(m))
			}
		}
		for _, name := range names {
			if strings.HasPrefix(name+"=", begun) {
				list = append(list, cobra.CompletionWithDesc(name+"=", p.About))
			}
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
