package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/journal"
)

// errElsewhere says that somebody else has lifted what is asked about.
var errElsewhere = errors.New("decided elsewhere")

// choice is something that can be answered to a prompt: its key, or its word.
type choice struct{ key, word, means string }

// choiceOf is the choice of a decision.
func choiceOf(what pawl.DecisionKind) choice {
	means := map[pawl.DecisionKind]string{
		pawl.DecideApprove:  "take it as it is",
		pawl.DecideReject:   "turn it down, and say why",
		pawl.DecideRetry:    "try the step again",
		pawl.DecideContinue: "go on",
		pawl.DecideSkip:     "go on with the failure as the step's result",
	}
	return choice{string(what)[:1], string(what), means[what]}
}

var (
	chooseView  = choice{"v", "view", "all that is shown, in your pager"}
	chooseLater = choice{"q", "later", "decide nothing now; the run waits"}
)

// choose asks until the answer is one of these, or later, and returns its key. Each key
// that is typed is answered.
func (q *asking) choose(b *view.Blocker, may ...choice) (string, error) {
	if page.HasMore(q.app.flow(b.Run.Flow), b.Blocker) {
		may = append(may, chooseView)
	}
	may = append(may, chooseLater)
	var words []string
	for _, c := range may {
		words = append(words, c.key+" "+c.word)
	}
	last := len(words) - 1
	prompt := strings.Join(slices.Insert(words, last, "? help"), ", ")
	for {
		s, err := q.line(prompt)
		if err != nil {
			return "", err
		}
		s = strings.ToLower(strings.TrimSpace(s))
		i := slices.IndexFunc(may, func(c choice) bool { return s == c.key || s == c.word })
		switch {
		case i < 0 && (s == "?" || s == "h" || s == "help"):
			for _, c := range may {
				fmt.Fprintln(q.app.err, term.Hang(fmt.Sprintf("  %s  %s: %s", c.key, c.word, c.means), 5, max(0, q.app.stderr.Columns()-1)))
			}
		case i < 0:
			q.sayNoChoice(s, prompt)
		case may[i] == chooseLater:
			return "", errLater
		case may[i] == chooseView:
			q.view(b)
		default:
			return may[i].key, nil
		}
	}
}

// oneOf asks until the answer is one of these words, or later.
func (q *asking) oneOf(prompt string, words ...string) (string, error) {
	for {
		s, err := q.line(prompt)
		s = strings.TrimSpace(s)
		i := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(s, w) })
		switch {
		case err != nil:
			return "", err
		case i >= 0:
			return words[i], nil
		case strings.EqualFold(s, chooseLater.key) || strings.EqualFold(s, chooseLater.word):
			return "", errLater
		}
		q.sayNoChoice(s, prompt)
	}
}

// sayNoChoice answers what is no answer.
func (q *asking) sayNoChoice(typed, prompt string) {
	s := "type one of: " + prompt
	if typed != "" {
		s = fmt.Sprintf("%q is none of: %s", typed, prompt)
	}
	q.app.say("%s", s)
}

// view shows all of what is proposed or shown.
func (q *asking) view(b *view.Blocker) {
	a := q.app
	var text bytes.Buffer
	p := a.asking()
	p.Out = &text
	p.Whole(a.flow(b.Run.Flow), b.Blocker)
	if command := a.pager(); command != "" && a.stdout.Terminal && a.runPager(command, text.Bytes()) {
		return
	}
	a.err.Write(text.Bytes())
}

// watchFor returns a channel that is closed when somebody else lifts what is asked about,
// which is behind an event of its run. Where the journal cannot tell, it never is.
func (q *asking) watchFor(ctx context.Context, after pawl.Seq, b *view.Blocker) <-chan struct{} {
	lifted := make(chan struct{})
	changing, ok := q.store.journal.(interface {
		Changes(context.Context, journal.Mark) (journal.Mark, error)
	})
	if !ok {
		return lifted
	}
	go func() {
		var mark journal.Mark
		for {
			var err error
			if mark, err = changing.Changes(ctx, mark); err != nil {
				return
			}
			if events, err := q.store.journal.Read(ctx, q.id, after, 1); err != nil || len(events) == 0 {
				continue
			}
			_, err = q.store.view.Blocker(ctx, q.id, pawl.Decision{Key: b.Key, What: b.Actions[0].Name, Who: q.app.who(), Digest: b.Digest})
			if errors.Is(err, pawl.ErrConflict) {
				close(lifted)
				return
			}
		}
	}()
	return lifted
}

// typedLines are the lines that a person types. A read from a terminal cannot be ended:
// one that nobody waits for any more is left behind, and what it brings was typed for
// something else.
type typedLines struct {
	r       *bufio.Reader
	pending chan typedLine // of the read that is under way; nil: none is
	left    bool           // it was left behind
}

type typedLine struct {
	s   string
	err error
}

// next is the line that comes next.
func (t *typedLines) next() <-chan typedLine {
	if t.pending == nil {
		c := make(chan typedLine, 1)
		t.pending = c
		go func() {
			s, err := t.r.ReadString('\n')
			c <- typedLine{s, err}
		}()
	}
	return t.pending
}

// prompt shows what a line is asked with. What was typed before it could be seen was meant
// for something else, and answers nothing.
func (a *app) prompt(format string, args ...any) {
	if a.dropTyped != nil {
		a.dropTyped()
	}
	fmt.Fprintf(a.err, format, args...)
}

// line asks for a line. An end of the input, and a signal, is later; errElsewhere says
// that there is nothing to ask any more.
func (q *asking) line(prompt string) (string, error) {
	a := q.app
	if a.typed == nil {
		a.typed = &typedLines{r: bufio.NewReader(a.stdin)}
	}
	t := a.typed
	for {
		a.prompt("%s> ", a.ink(a.stderr).Paint(term.Bold, prompt))
		select {
		case r := <-t.next():
			before := t.left
			t.pending, t.left = nil, false
			switch {
			case r.err == nil && before && strings.TrimSpace(r.s) != "":
				a.say("that was begun for what was asked before; type it again")
				continue
			case r.err == nil && before:
				continue
			case r.err == nil:
				return strings.TrimRight(r.s, "\r\n"), nil
			case !errors.Is(r.err, io.EOF):
				return "", r.err
			}
		case <-q.lifted:
			t.left = true
			fmt.Fprintln(a.err)
			return "", errElsewhere
		case <-q.notify: // whichever it is
		}
		fmt.Fprintln(a.err)
		return "", errLater
	}
}
