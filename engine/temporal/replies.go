package temporal

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// An answer may lie in a workflow's history before the run has taken it in: a worker that is
// stopped ends its calls, but takes no tasks of workflows any more. Whoever takes the run over
// then brings such answers along, so that what is paid is not asked again.

// replied is an answer that a run has not taken in.
type replied struct {
	ID    string `json:"id"`    // of its activity
	Asked string `json:"asked"` // digest of what was asked
	Reply []byte `json:"reply"` // a replay.Reply in JSON
}

// called are the calls of models in a workflow's history of which the run has recorded no
// outcome yet, by the ids of their activities.
type called struct {
	open map[string]*payloads
	ids  map[int64]string // by the event that scheduled them
}

type payloads struct{ asked, reply *commonpb.Payloads }

func (c *called) scheduled(event int64, a *historypb.ActivityTaskScheduledEventAttributes) {
	if a.GetActivityType().GetName() != askActivity {
		return
	}
	if c.open == nil {
		c.open, c.ids = map[string]*payloads{}, map[int64]string{}
	}
	c.open[a.GetActivityId()], c.ids[event] = &payloads{asked: a.GetInput()}, a.GetActivityId()
}

func (c *called) completed(event int64, reply *commonpb.Payloads) {
	if p := c.open[c.ids[event]]; p != nil {
		p.reply = reply
	}
	delete(c.ids, event)
}

// recorded forgets the calls whose outcome the run has recorded.
func (c *called) recorded(events []pawl.Event) error {
	for _, e := range events {
		if e.Type != pawl.EventAttempt || len(c.open) == 0 {
			continue
		}
		a, err := journal.Decode[journal.Attempt](e)
		if err != nil {
			return err
		}
		delete(c.open, activityID(e.Key, a.Number))
	}
	return nil
}

// unheard returns the answers that the run has not taken in: those of this execution, and those
// that it began with.
func (k *kept) unheard(c converter.DataConverter) ([]replied, error) {
	all := []replied{}
	for id, p := range k.calls.open {
		if p.reply == nil {
			continue
		}
		var arg, raw rawValue
		var w question
		if err := c.FromPayloads(p.asked, &arg); err != nil {
			return nil, err
		}
		if err := c.FromPayloads(p.reply, &raw); err != nil {
			return nil, err
		}
		if err := unpack(arg, &w); err != nil {
			return nil, err
		}
		asked, err := w.digest()
		if err != nil {
			return nil, err
		}
		all = append(all, replied{ID: id, Asked: asked, Reply: raw.Payload().GetData()})
	}
	passed := map[string]bool{} // by later attempts
	for _, e := range k.events {
		if e.Type != pawl.EventAttempt || len(k.replies) == 0 {
			continue
		}
		a, err := journal.Decode[journal.Attempt](e)
		if err != nil {
			return nil, err
		}
		for n := a.Number; n > 0 && !passed[activityID(e.Key, n)]; n-- {
			passed[activityID(e.Key, n)] = true
		}
	}
	for _, r := range k.replies {
		if !passed[r.ID] {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b replied) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// digest stands for what a model is asked, whichever attempt it is.
func (w question) digest() (string, error) {
	w.Request.Meta, w.Request.MaxTokens, w.Timeout, w.Sensitive = llm.Meta{}, 0, 0, false
	raw, _, err := pack(w)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sha256.Sum256(raw.Payload().GetData())), nil
}

// replies are the answers that an execution began with, by the ids of their activities.
type replies map[string]replied

// take returns the answer to one of the attempts that an attempt stands for, if there is one to
// the same question.
func (r replies) take(a exec.Attempt, q exec.Question, asked string) (raw []byte, ok bool) {
	for n := a.Number() - 1; n >= q.Request.Meta.Since && n > 0; n-- {
		id := activityID(a.Key(), n)
		if was, there := r[id]; there && was.Asked == asked {
			delete(r, id)
			return was.Reply, true
		}
	}
	return nil, false
}
