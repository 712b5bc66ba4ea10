package local

import (
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// directing is what a directive asks of a run.
func (e *Engine) directing(id pawl.RunID, d pawl.Directive) (steering, error) {
	s := steering{post: journal.Post{Run: id, Directive: &d}, take: d.Take, bare: true}
	if len(d.Who) > maxWho {
		return s, &pawl.Error{Kind: pawl.ErrInput, Run: id, Message: fmt.Sprintf("who directs is %d bytes long, at most %d are kept", len(d.Who), maxWho)}
	}
	switch d.What {
	case pawl.DirectPause:
		s.act = func(a *activation) error { return a.pause(d) }
		s.check = func(st *replay.State) error {
			if st.Status == pawl.StatusPaused || st.Status == pawl.StatusFailed {
				return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s is %s: it stands still already", id, st.Status)}
			}
			return nil
		}
	case pawl.DirectCancel:
		s.act = func(a *activation) error { return a.cancel(d) }
	case pawl.DirectGuide:
		if d.Text == "" {
			return s, &pawl.Error{Kind: pawl.ErrInput, Run: id, Message: "guidance needs a text"}
		}
		s.act = func(a *activation) error { return a.guide(d) }
	case pawl.DirectResume:
		if d.Model != "" {
			if _, _, err := e.models.Lookup(d.Model); err != nil {
				return s, pawl.AsError(err, pawl.ErrInput)
			}
		}
		s.bare, s.here = false, true
		s.act = func(a *activation) error { return a.resumed(d) }
	default:
		return s, &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("unknown directive %q", d.What), Run: id}
	}
	return s, nil
}

func (a *activation) directed(d pawl.Directive) {
	a.draft(pawl.EventDirective, "", journal.Directive{What: d.What, Who: d.Who, Model: d.Model, Text: cutText(d.Text)})
}

// pause has the run begin nothing more. One at rest is paused at once.
func (a *activation) pause(d pawl.Directive) error {
	if a.pausing || a.canceling {
		return nil
	}
	a.pausing, a.prior = true, nil
	a.directed(d)
	return nil
}

// cancel has the run begin nothing more and end. One at rest ends at once.
func (a *activation) cancel(d pawl.Directive) error {
	if a.canceling {
		return nil
	}
	a.canceling, a.begins, a.prior = true, false, nil
	a.directed(d)
	return nil
}

// guide adds an instruction for later asks. A run at rest stays so.
func (a *activation) guide(d pawl.Directive) error {
	a.draft(pawl.EventGuidance, "", journal.Guidance{Text: cutText(d.Text), Who: d.Who})
	return nil
}

// resumed lets the run go on: a failed step is tried again.
func (a *activation) resumed(d pawl.Directive) error {
	if a.canceling {
		return &pawl.Error{Kind: pawl.ErrConflict, Run: a.id, Message: fmt.Sprintf("run %s is being canceled", a.id)}
	}
	a.pausing, a.refused, a.prior, a.begins = false, nil, nil, true
	a.directed(d)
	for _, b := range a.st.Blockers() {
		a.retry(b, d.Who)
	}
	a.then(a.restart)
	return nil
}
