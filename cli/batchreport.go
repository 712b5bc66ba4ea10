package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// progress says how far a batch has come: on a terminal by its bar, elsewhere at
// each tenth. It is called with mu held.
func (b *batch) progress() {
	n, all := b.atRest, len(b.lines)
	if b.bar != nil || b.app.quiet || all < 10 || n*10/all == (n-1)*10/all || n == all {
		return
	}
	b.app.stamped("%s of %s", term.Grouped(int64(n)), b.standing())
}

// tellEvery is how often a batch without a bar says how far it has come.
const tellEvery = time.Minute

// tell says every minute how far a batch has come, unless a bar does, until end.
func (b *batch) tell() (end func()) {
	if b.bar != nil || b.app.quiet {
		return func() {}
	}
	stop := make(chan struct{})
	var down sync.WaitGroup
	down.Go(func() {
		tick := time.NewTicker(tellEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				b.mu.Lock()
				b.app.stamped("%s of %s; %d running", term.Grouped(int64(b.atRest)), b.standing(), len(b.live))
				b.mu.Unlock()
			case <-stop:
				return
			}
		}
	})
	return func() {
		close(stop)
		down.Wait()
	}
}

// barLine draws how far a batch has come.
func (b *batch) barLine(columns int) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.app
	said := fmt.Sprintf("%s of %s", term.Grouped(int64(b.atRest)), b.standing())
	if n := len(b.live); n > 0 {
		said = fmt.Sprintf("%s; %d running", said, n)
	}
	room := min(columns-term.Cells(said)-1, 30)
	if room < 5 {
		return term.Cut(said, columns)
	}
	done := room * b.atRest / len(b.lines)
	ink := a.ink(a.stderr)
	return ink.Paint(term.Green, strings.Repeat("━", done)) + ink.Paint(term.Faint, strings.Repeat("─", room-done)) + " " + said
}

// standing says how many lines there are and what became of those that are at
// rest. It is called with mu held.
func (b *batch) standing() string {
	n, all := b.atRest, len(b.lines)
	s := fmt.Sprintf("%s (%d %%)", term.Count(int64(all), "line"), n*100/all)
	if bad := len(b.failures); bad > 0 {
		s += fmt.Sprintf(", %d not done", bad)
	}
	if over := b.app.now().Sub(b.begun); over > 0 && n > b.before && n < all {
		rate := float64(n-b.before) / over.Seconds()
		left := time.Duration(float64(all-n) / rate * float64(time.Second))
		s += fmt.Sprintf(", %s, about %s left", perTime(rate), max(left.Round(time.Second), time.Second))
	}
	return s
}

// perTime says a rate of lines a second in a unit that gives a readable number.
func perTime(rate float64) string {
	switch {
	case rate >= 1:
		return fmt.Sprintf("%.1f/s", rate)
	case rate*60 >= 1:
		return fmt.Sprintf("%.1f/min", rate*60)
	}
	return fmt.Sprintf("%.1f/h", rate*3600)
}

// report ends a batch whose lines have all come to rest, or that the provider
// has stopped.
func (b *batch) report() error {
	a := b.app
	if b.refused != nil {
		e := *pawl.AsError(b.refused, pawl.ErrFlow)
		e.Message = fmt.Sprintf("%d of %s are done, and no more are begun: %s", b.doneLines(), term.Count(int64(len(b.lines)), "line"), e.Message)
		return &ending{err: &e, code: 1, more: b.leaveResults(), next: b.again}
	}
	if err := b.results.commit(); err != nil {
		return &ending{err: &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("all lines are at rest, but the results are not written: %v", form.Cause(err)), Err: err}, next: b.again}
	}
	if !a.quiet {
		a.say("%s", b.summary())
	}
	if f := b.results.file; f != nil && !a.quiet {
		a.say("wrote %s", f.Path)
	}
	slices.Sort(b.denied)
	slices.SortFunc(b.failures, func(x, y batchFailure) int { return x.Line - y.Line })
	if a.json && b.results.file != nil {
		done := b.doneLines()
		if err := a.printJSON(batchSummary{len(b.lines), int(done), b.before, append([]batchFailure{}, b.failures...), append([]int{}, b.denied...), b.paid}); err != nil {
			return err
		}
	}
	if err := b.notDone(); err != nil || !b.wanted || len(b.denied) == 0 {
		return err
	}
	return &ending{err: &pawl.Error{Kind: pawl.ErrGate, Message: fmt.Sprintf("approved results were wanted, and %d of %s are not approved: %s",
		len(b.denied), term.Count(int64(len(b.lines)), "line"), lineNumbers(b.denied))}}
}

// batchSummary is what --json prints of a batch whose results go to a file.
type batchSummary struct {
	Lines   int              `json:"lines"`        // how many there are
	Done    int              `json:"done"`         // how many of them are done
	Before  int              `json:"done_before"`  // how many of these were done before this command
	NotDone []batchFailure   `json:"not_done"`     // the lines that are not done, and why
	Denied  []int            `json:"not_approved"` // lines that are done
	Usage   pawl.UsageRecord `json:"usage"`        // of this command: without that of lines that were done before
}

// batchFailure is a line that came to rest without a result.
type batchFailure struct {
	Line   int         `json:"line"`   // its number among the inputs, from 1
	Run    pawl.RunID  `json:"run"`    // the run's id
	Status pawl.Status `json:"status"` // where the run stands
	Reason string      `json:"reason"` // why it has that status
	Hint   string      `json:"hint"`   // what to do about it; empty: nothing is known

	lift string // of a run that waits: the command that lifts that
}

// notDone names the lines without a result, together if their reason is the
// same; nil: there are none.
func (b *batch) notDone() error {
	if len(b.failures) == 0 {
		return nil
	}
	type cause struct{ reason, hint string }
	var causes []cause
	lines := map[cause][]int{}
	code := map[pawl.Status]int{pawl.StatusWaiting: pawl.ErrUnknown.Exit(), pawl.StatusCanceled: pawl.ErrCanceled.Exit()}[b.failures[0].Status]
	for _, f := range b.failures {
		why := cause{cmp.Or(term.Plain(f.Reason), string(f.Status)), term.Plain(f.Hint)} // in one line each, whatever they say
		if lines[why] == nil {
			causes = append(causes, why)
		}
		lines[why] = append(lines[why], f.Line)
		if f.Status != b.failures[0].Status {
			code = 0
		}
	}
	e := &pawl.Error{Kind: pawl.ErrFlow, Message: fmt.Sprintf("%d of %s are not done", len(b.failures), term.Count(int64(len(b.lines)), "line"))}
	end := &ending{err: e, code: cmp.Or(code, 1), next: b.again}
	for i, why := range causes {
		if i == maxComplaints {
			end.more = append(end.more, remark{text: fmt.Sprintf("and for %s", term.Count(int64(len(causes)-i), "other reason"))})
			break
		}
		end.more = append(end.more, remark{text: fmt.Sprintf("%s: %s", lineNumbers(lines[why]), why.reason)})
		if why.hint != "" {
			end.more = append(end.more, remark{why.hint, true})
		}
	}
	if first := b.failures[0]; code != 0 && first.lift != "" {
		end.more = append(end.more, remark{"when people have decided, this collects the results: " + b.again, true})
		end.next = first.lift
	}
	return end
}

// lineNumbers names lines: "line 3", "lines 3, 4 and 12 more".
func lineNumbers(all []int) string {
	s := "line "
	if len(all) > 1 {
		s = "lines "
	}
	for i, n := range all {
		switch {
		case i == maxComplaints && len(all) > i+1:
			return s + fmt.Sprintf(" and %d more", len(all)-i)
		case i > 0:
			s += ", "
		}
		s += strconv.Itoa(n)
	}
	return s
}

func (b *batch) summary() string {
	s := fmt.Sprintf("%s: %s, %d done", b.flow.Name(), term.Count(int64(len(b.lines)), "line"), b.doneLines())
	var of []string
	if b.before > 0 {
		of = append(of, fmt.Sprintf("%d before", b.before))
	}
	if n := len(b.denied); n > 0 {
		of = append(of, fmt.Sprintf("%d not approved", n))
	}
	if len(of) > 0 {
		s += " (" + strings.Join(of, ", ") + ")"
	}
	return s + ", " + page.Usage(b.paid, b.bill) + ", took " + term.Brief(b.app.now().Sub(b.begun))
}
