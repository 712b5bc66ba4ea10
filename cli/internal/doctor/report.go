package doctor

import (
	"fmt"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
)

// Verdict is what a check says.
type Verdict string

const (
	OK   Verdict = "ok"   // nothing is wrong
	Warn Verdict = "warn" // works, but a person should know
	Fail Verdict = "fail" // runs will not work
)

// Finding is what one check says, in lines that cannot steer a terminal.
type Finding struct {
	Check  string  `json:"check"`  // what was looked at
	Status Verdict `json:"status"` // how it is
	Detail string  `json:"detail"` // what was found
	Remedy string  `json:"remedy"` // what to do; empty: nothing is to be done
}

// Options are what the checks need to know of the program.
type Options struct {
	Providers []llm.Provider
	Getenv    func(string) string
	Now       func() time.Time
	Command   func(words ...string) string // a command line of the program's, for remedies
	Patience  time.Duration                // with a program on this machine that does not answer; 0: a moment
}

// Report collects what checks find. It is not for concurrent use.
type Report struct {
	Options
	Findings []Finding // in the order of the checks
}

// New begins a report. All of o is needed.
func New(o Options) *Report { return &Report{Options: o} }

// AddOK notes that something is well.
func (r *Report) AddOK(check, format string, args ...any) {
	r.add(check, OK, "", format, args...)
}

// AddWarning notes what a person should know.
func (r *Report) AddWarning(check, remedy, format string, args ...any) {
	r.add(check, Warn, remedy, format, args...)
}

// AddError notes an error of ours with its hint.
func (r *Report) AddError(check string, err error) {
	e := pawl.AsError(err, pawl.ErrStorage)
	r.add(check, Fail, e.Hint, "%s", e.Message)
}

func (r *Report) add(check string, status Verdict, remedy, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{check, status, term.Plain(r.hide(fmt.Sprintf(format, args...))), term.Plain(r.hide(remedy))})
}

// minSecret is the length of the shortest secret. Shorter ones are placeholders
// for servers that want none.
const minSecret = 8

// hide takes the secrets out of s.
func (r *Report) hide(s string) string {
	for _, p := range r.Providers {
		for _, setting := range p.Settings {
			if secret := r.Getenv(setting.Name); setting.Secret && len(secret) >= minSecret {
				s = strings.ReplaceAll(s, secret, "***")
			}
		}
	}
	return s
}

// count says how many there are: "1 run", "2 runs".
func count(n int, what string) string { return term.Count(int64(n), what) }
