package tree

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/replay"
)

// Look is how a frame is to look.
type Look struct {
	Now     time.Time
	Columns int // no line is wider
	Rows    int // nor are there more lines
	Ink     term.Ink
	Mask    func(string) string // hides what must not be shown
}

// narrow reports whether there is room for the needful only, tiny whether for
// states and keys only.
func (l Look) narrow() bool { return l.Columns < 60 }
func (l Look) tiny() bool   { return l.Columns < 30 }

// Frame is the run as it stands: a line about it, a line for each step as far as
// there is room, and below it what has come of its answer as far as there is some
// left, and unless the run is done a line with its sums.
func (t *Tree) Frame(l Look) []string {
	if l.Rows < 1 || t.st.Run == "" { // nothing has happened yet
		return nil
	}
	t.look()
	lines := []string{t.head(l)}
	done, more := t.fit(l.Rows - 2)
	if l.Rows > 2 {
		if done > 0 {
			lines = append(lines, "… "+term.Count(int64(done), "step")+" done")
		}
		rows, left := t.rows(l), more.String()
		spare := l.Rows - len(lines) - len(rows) - 1 // for the sums
		if left != "" {
			spare--
		}
		lines = append(lines, t.withAnswers(l, rows, spare)...)
		if left != "" && l.Rows > 3 {
			lines = append(lines, "… more: "+left)
		}
	}
	if l.Rows > 1 && t.status() != pawl.StatusDone { // then the report says them
		lines = append(lines, t.sums(l))
	}
	for i := range lines {
		lines[i] = strings.TrimRight(term.Cut(lines[i], l.Columns), " ")
	}
	return lines
}

// head names the run and says how it stands, above all else that.
func (t *Tree) head(l Look) string {
	model := term.Plain(l.Mask(t.st.Model().Name))
	flow := term.Plain(t.st.Created.Flow)
	status := l.Ink.Paint(page.StatusStyle(t.status()), string(t.status()))
	id := string(t.st.Run)
	return widest(l.Columns,
		l.Ink.Paint(term.Bold, "run "+id)+" "+flow+" with "+model+": "+status,
		l.Ink.Paint(term.Bold, "run "+id)+" "+flow+": "+status,
		l.Ink.Paint(term.Bold, "run "+id)+": "+status,
		l.Ink.Paint(term.Bold, id)+" "+status,
		status)
}

// sums adds up the run.
func (t *Tree) sums(l Look) string {
	u := t.st.Usage()
	took := t.clock.read(t.now(l.Now))
	tokens, few := "", ""
	if u.InputTokens != nil && u.OutputTokens != nil {
		tokens = fmt.Sprintf(", %s tokens in, %s out", term.Grouped(*u.InputTokens), term.Grouped(*u.OutputTokens))
		few = fmt.Sprintf(", %s+%s tokens", term.Grouped(*u.InputTokens), term.Grouped(*u.OutputTokens))
	}
	cost := page.Cost(u)
	last := ", " + seconds(took)
	if t.inFlight == 0 && t.resting() {
		last = ", " + term.Brief(took)
		calls := term.Count(u.ModelCalls, "model call")
		return widest(l.Columns, calls+tokens+cost+last, calls+cost+last, calls+last)
	}
	flight := fmt.Sprintf("%d in flight", t.inFlight)
	return widest(l.Columns,
		term.Count(t.inFlight, "call")+" in flight, "+term.Count(u.ModelCalls, "model call")+tokens+cost+last,
		flight+", "+term.Count(u.ModelCalls, "call")+few+cost+last,
		flight+", "+term.Count(u.ModelCalls, "call")+cost+last,
		flight+cost+last,
		flight+last)
}

// Now is the time up to which the run is executed: not beyond its rest.
func (t *Tree) now(now time.Time) time.Time {
	if t.resting() {
		return t.clock.last
	}
	return now
}

// status is how the run stands.
func (t *Tree) status() pawl.Status { return cmp.Or(t.left, t.st.Status) }

// resting reports whether nobody executes the run.
func (t *Tree) resting() bool { return t.status().AtRest() || t.status() == pawl.StatusQueued }

// widest returns the first of these that fits, or the last.
func widest(columns int, forms ...string) string {
	for _, f := range forms {
		if term.Cells(f) <= columns {
			return f
		}
	}
	return forms[len(forms)-1]
}

// String says how many there are of what there is.
func (c counts) String() string {
	var s []string
	for _, part := range [...]struct {
		n    int
		what string
	}{{c.done, "done"}, {c.running, "running"}, {c.retrying, "retrying"}, {c.waiting, "waiting"}, {c.failed, "failed"}} {
		if part.n > 0 {
			s = append(s, term.Grouped(int64(part.n))+" "+part.what)
		}
	}
	return strings.Join(s, ", ")
}

// row is a step's line in the making.
type row struct {
	node *node
	name string // indented
	line string
}

// Rows are the lines of the steps that are shown.
func (t *Tree) rows(l Look) []row {
	var rows []row
	var above []int // scopes that are shown and not yet left
	wide := 0
	for _, i := range t.order {
		n := &t.nodes[i]
		if !n.shown {
			continue
		}
		for len(above) > 0 && !t.within(i, above[len(above)-1]) {
			above = above[:len(above)-1]
		}
		var scope *replay.Step
		if len(above) > 0 {
			scope = t.nodes[above[len(above)-1]].step
		}
		r := row{node: n, name: strings.Repeat("  ", len(above)) + term.Plain(name(n.step, scope))}
		wide = max(wide, term.Cells(r.name))
		rows = append(rows, r)
		if n.step.Head.Kind.Scope() {
			above = append(above, i)
		}
	}
	limit := (l.Columns - 22) * 3 / 5
	switch {
	case l.tiny():
		limit = max(1, l.Columns-11)
	case l.narrow():
		limit = l.Columns - 20 // what comes before and how long it took
	}
	wide = min(wide, limit)
	for i, r := range rows {
		rows[i].line = t.row(l, r, wide)
	}
	return rows
}

// within reports whether a node is beneath a scope.
func (t *Tree) within(i, scope int) bool {
	for up := t.parent(i); up != none; up = t.parent(up) {
		if up == scope {
			return true
		}
	}
	return false
}

// row says where a step stands, what it is, how long it took, and what there is
// room for.
func (t *Tree) row(l Look, r row, wide int) string {
	n, s := r.node, r.node.step
	state := sign(n.status) + " " + term.Pad(string(n.status), 8)
	name := r.name
	if indent := len(name) - len(strings.TrimLeft(name, " ")); term.Cells(name) > wide {
		name = name[:min(indent, wide/2)] + term.CutLeft(name[indent:], wide-min(indent, wide/2))
	}
	line := l.Ink.Paint(page.StepStyle(n.status), state) + " " + term.Pad(name, wide)
	if l.tiny() {
		return line
	}
	line += fmt.Sprintf(" %6s", t.took(l, n))
	add := func(text string) {
		if text != "" {
			line += "  " + text
		}
	}
	if s.Head.Kind.Scope() {
		of := n.counts.String()
		if s.Head.Kind != pawl.KindCall && of != "" && n.counts.done < s.N {
			of += " of " + term.Grouped(int64(s.N))
		}
		if !l.narrow() {
			add(string(s.Head.Kind))
		}
		add(of)
	} else {
		add(t.person(l, s))
		add(t.attempt(l, s))
		add(tokens(s))
	}
	add(l.Ink.Paint(term.Faint, term.Plain(l.Mask(s.Head.Purpose))))
	return line
}

// sign stands beside the word for a state, so that the eye finds it.
func sign(s pawl.StepStatus) string {
	switch s {
	case pawl.StepDone, pawl.StepReused:
		return "✓"
	case pawl.StepRunning:
		return "▸"
	case pawl.StepRetrying:
		return "↻"
	case pawl.StepWaiting:
		return "?"
	case pawl.StepFailed:
		return "✗"
	}
	return "-"
}

// took says how long a step has been at work; for a scope, how long the run was
// executed since it began.
func (t *Tree) took(l Look, n *node) string {
	s := n.step
	if !s.Head.Kind.Scope() {
		took := s.Took(t.now(l.Now))
		switch {
		case s.Open != nil:
			return seconds(took)
		case took == 0:
			return ""
		}
		return term.Brief(took)
	}
	if s.Closed {
		return term.Brief(n.until - n.from)
	}
	return seconds(t.clock.read(t.now(l.Now)) - n.from)
}

// person says of a step that a person acts in, or stands in front of, who that is
// and how long they have taken.
func (t *Tree) person(l Look, s *replay.Step) string {
	text := ""
	switch q := t.people[s.Key]; {
	case q == nil:
	case s.Result != nil:
		if q.decided != nil {
			text = page.Verdict(*q.decided, q.since)
		}
	case t.st.Blocked(s.Key) && q.decided == nil:
		text = page.Awaited(q.kind, q.who) + ", " + term.Ago(l.Now.Sub(q.since))
	}
	if pawl.BoundaryOf(s.Head.Kind) == pawl.BoundaryHuman && !l.narrow() {
		text = strings.TrimRight("human  "+text, " ")
	}
	return term.Plain(l.Mask(text))
}

// attempt says which attempt is under way if it is not the first, or how long
// the next one is waited for.
func (t *Tree) attempt(l Look, s *replay.Step) string {
	if s.Open != nil && s.Open.Try > 1 {
		return fmt.Sprintf("attempt %d/%d", s.Open.Try, s.Open.Of)
	}
	if at, ok := s.RetryAt(); ok && s.Result == nil && at.After(l.Now) {
		return "next attempt in " + seconds(at.Sub(l.Now)+time.Second-1)
	}
	return ""
}

func tokens(s *replay.Step) string {
	u := s.Usage()
	text := ""
	if u.InputTokens != nil && u.OutputTokens != nil && *u.InputTokens+*u.OutputTokens > 0 {
		text = fmt.Sprintf("%s+%s tokens", term.Grouped(*u.InputTokens), term.Grouped(*u.OutputTokens))
	}
	return strings.TrimPrefix(text+page.Cost(u), ", ")
}

// seconds says a time that goes on.
func seconds(d time.Duration) string { return max(0, d).Truncate(time.Second).String() }
