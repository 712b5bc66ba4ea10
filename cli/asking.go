package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/internal/view"
)

// asks reports whether there is a person to ask: stdin and stderr are terminals,
// and nothing says that a program is at work.
func (a *app) asks() bool {
	return a.interactive && a.stderr.Terminal && !a.noInput && !a.json && !a.quiet
}

// errLater says that a person does not decide now.
var errLater = errors.New("later")

// asking is a run that has come to rest being put before the person at the
// terminal.
type asking struct {
	*following
	edited map[pawl.Key]string // what was edited and not taken
	lifted <-chan struct{}     // closed when somebody else has lifted what is asked about
}

// followAsking follows a run to its rest. If a person is there to ask, they are
// asked what stands in its way, and it is followed on.
func (a *app) followAsking(ctx context.Context, f *following) (os.Signal, error) {
	q := &asking{following: f, edited: map[pawl.Key]string{}}
	for {
		sig, err := f.follow(ctx)
		f.live.end()
		if err != nil || sig != nil || !a.asks() {
			return sig, err
		}
		again, err := q.ask(ctx)
		if errors.Is(err, errLater) {
			return nil, nil
		}
		if !again || err != nil {
			return nil, err
		}
		f.asked = false
		if f.live != nil {
			f.live = a.newLive(f.live.mask)
		}
	}
}

// ask puts the blockers of the run before the person, one after the other, until
// one is lifted. It reports whether one was: the run then goes on.
func (q *asking) ask(ctx context.Context) (bool, error) {
	rec, err := q.app.get(ctx, q.store, q.id)
	if err != nil {
		return false, err
	}
	for _, b := range inTurn(rec.Blockers) {
		if replay.Barred(b.NotBy, q.app.who()) != "" {
			continue // somebody else is to decide it
		}
		again, err := q.put(ctx, rec, b)
		if again || err != nil {
			return again, err
		}
	}
	return false, nil
}

// inTurn are the blockers that can be asked about: what a person is to say first,
// then failures. After a mismatch or a flow's own failure the same code would only
// come to the same end, and an event comes from a program.
func inTurn(blockers []pawl.Blocker) []pawl.Blocker {
	var asked, failed []pawl.Blocker
	for _, b := range blockers {
		switch b.Kind {
		case pawl.BlockerMismatch, pawl.BlockerEvent:
		case pawl.BlockerFailure, pawl.BlockerUnknown:
			if b.Key != "" {
				failed = append(failed, b)
			}
		default:
			asked = append(asked, b)
		}
	}
	return append(asked, failed...)
}

// put asks until the person decides, or puts it off.
func (q *asking) put(ctx context.Context, rec pawl.RunRecord, b pawl.Blocker) (bool, error) {
	a := q.app
	o, err := a.openBlocker(ctx, q.store, string(rec.ID), pawl.Decision{Key: b.Key, What: b.Actions[0].Name, Who: a.who(), Digest: b.Digest})
	if err != nil { // somebody was faster
		return a.wasFaster(err)
	}
	q.sayAsked(rec, b.Key)
	watching, end := context.WithCancel(ctx)
	defer end()
	q.lifted = q.watchFor(watching, rec.LastSeq, o)
	for {
		d, kept, err := q.decision(o)
		var e *pawl.Error
		switch {
		case errors.Is(err, errElsewhere):
			_, err := a.openBlocker(ctx, q.store, string(rec.ID), pawl.Decision{Key: o.Key, What: o.Actions[0].Name, Who: a.who(), Digest: o.Digest})
			return a.wasFaster(err)
		case errors.Is(err, errLater):
			q.asked = true
			return false, errLater
		case errors.As(err, &e):
			q.complain(o, e, kept)
			continue
		case err != nil:
			return false, err
		}
		d.Key, d.Who, d.Digest = o.Key, a.who(), o.Digest
		err = a.settle(ctx, q.store, q.id, d, q.notify)
		var left *ending
		switch {
		case errors.As(err, &left):
			return false, err
		case errors.Is(err, pawl.ErrInput):
			q.complain(o, pawl.AsError(err, pawl.ErrInput), kept)
			continue
		case err != nil:
			return a.wasFaster(err)
		}
		kept.remove()
		return true, nil
	}
}

// sayAsked says what is asked. A failure has had its line, unless this process did
// not see it. rec is as it may be shown.
func (q *asking) sayAsked(rec pawl.RunRecord, key pawl.Key) {
	a := q.app
	for _, b := range rec.Blockers {
		switch {
		case b.Key != key:
		case page.AsksPerson(b):
			fmt.Fprintln(a.err)
			a.asking().Ask(a.flow(rec.Flow), b, false, a.command("show", string(rec.ID)))
		case !q.lines.Said.Has(b):
			a.say("%s failed: %s", b.Key, term.Plain(b.Question))
		}
	}
}

// wasFaster says why what is asked cannot be decided any more; the run is followed
// on. What is no such refusal is an error.
func (a *app) wasFaster(err error) (bool, error) {
	if !errors.Is(err, pawl.ErrConflict) {
		return false, err
	}
	a.say("%s", pawl.AsError(err, pawl.ErrConflict).Message)
	return true, nil
}

// complain says what is wrong; what was edited is where the next edit begins.
func (q *asking) complain(b *view.Blocker, e *pawl.Error, kept draft) {
	for line := range strings.Lines(kept.located(e.Message)) {
		q.app.say("%s", line)
	}
	if kept.file == "" {
		return
	}
	if text, err := (&form.Reader{}).Read(kept.file, ""); err == nil {
		q.edited[b.Key] = text
	}
	kept.remove()
}

// decision asks for a decision on a blocker. An error of the person's is a
// *pawl.Error; errLater puts it off.
func (q *asking) decision(b *view.Blocker) (d pawl.Decision, kept draft, err error) {
	switch b.Kind {
	case pawl.BlockerApproval:
		return q.approval(b)
	case pawl.BlockerInput:
		return q.input(b)
	case pawl.BlockerBudget:
		d, err = q.raise(b)
		return d, kept, err
	}
	var may []choice
	for i, act := range b.Actions {
		if i == 0 || act.Name == pawl.DecideSkip { // these need no more than a yes
			may = append(may, choiceOf(act.Name))
		}
	}
	answer, err := q.choose(b, may...)
	d.What = b.Actions[0].Name
	if err == nil && answer[0] == 's' {
		d.What = pawl.DecideSkip
	}
	return d, kept, err
}

func (q *asking) approval(b *view.Blocker) (d pawl.Decision, kept draft, err error) {
	// Once more: the proposal may have pushed it off the screen.
	q.app.say("%s", b.Question)
	answer, err := q.choose(b, choiceOf(pawl.DecideApprove), choice{"e", "edit", "change it in your editor, and approve it so"}, choiceOf(pawl.DecideReject))
	if err != nil {
		return d, kept, err
	}
	switch answer[0] {
	case 'a':
		d.What = pawl.DecideApprove
	case 'e':
		d.What = pawl.DecideApprove
		if d.Value, kept, err = q.edit(b); err == errUnchanged {
			return q.unchanged(b)
		}
	case 'r':
		d.What = pawl.DecideReject
		if len(b.Reasons) > 1 {
			names := strings.Join(b.Reasons, ", ")
			if d.Reason, err = q.oneOf("reason: "+names+", q later", b.Reasons...); err != nil {
				return d, kept, err
			}
		}
		d.Comment, err = q.line("comment, may be empty")
	}
	return d, kept, err
}

// unchanged asks what an edit that changed nothing is to mean.
func (q *asking) unchanged(b *view.Blocker) (pawl.Decision, draft, error) {
	fmt.Fprintln(q.app.err, "nothing was changed")
	return q.approval(b)
}

func (q *asking) input(b *view.Blocker) (d pawl.Decision, kept draft, err error) {
	n := b.Root()
	isText := n == nil || n.Type == "string"
	prompt := "answer, in a line; nothing is later"
	switch {
	case n != nil && n.Enum != nil:
		prompt = "answer, one of " + strings.Join(n.Enum, ", ") + "; nothing is later"
	case !isText && (n.Type == "object" || n.Type == "array"):
		prompt = "answer, as JSON such as " + form.Sample(n, "a") + ", or e to edit; nothing is later"
	case !isText:
		prompt = "answer, " + form.Article(n.Type) + "; nothing is later"
	}
	text, err := q.line(prompt)
	if err == nil && strings.TrimSpace(text) == "" {
		err = errLater
	}
	if err != nil {
		return d, kept, err
	}
	d.What = pawl.DecideAnswer
	if text == "e" && !isText {
		d.Value, kept, err = q.edit(b)
		return d, kept, err
	}
	d.Value, err = form.Value(n, text, "the answer")
	return d, kept, err
}

// edit has the person edit. A Ctrl-C meanwhile was the editor's.
func (q *asking) edit(b *view.Blocker) (value json.RawMessage, kept draft, err error) {
	if kept, err = q.app.editValue(editingOf(b), "", q.edited[b.Key]); kept.edited != nil {
		value = kept.edited.Value
	}
	for {
		select {
		case <-q.notify:
			continue
		default:
		}
		return value, kept, err
	}
}
