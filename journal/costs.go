package journal

import (
	"context"
	"encoding/json"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cost"
)

// Took is what the attempt took, as far as it is known; of code it is nothing.
func (a *Attempt) Took() (t cost.Taken) {
	if a.Model == "" {
		return t
	}
	t.Calls = 1
	lost := a.Outcome == pawl.OutcomeUnknown
	switch {
	case a.Usage != nil:
		t.InputTokens, t.OutputTokens, t.CachedTokens = a.Usage.InputTokens, a.Usage.OutputTokens, a.Usage.CachedTokens
		t.CacheWriteTokens = a.Usage.CacheWriteTokens
	case a.Raw != nil, a.Unmetered, lost:
		t.Unmetered = 1
	}
	switch {
	case a.CostUSD != nil:
		t.USD = *a.CostUSD
	case a.Usage != nil, a.Raw != nil, a.Unmetered, lost:
		t.Unpriced = 1
	}
	return t
}

// Tells is what the event says of calls of models; false: nothing.
func (d Draft) Tells() (h cost.Happened, ok bool) {
	switch d.Type {
	case pawl.EventIntent:
		b, ok := bodyOf[Intent](d)
		return cost.Happened{What: cost.Left, Key: d.Key, Model: b.Model}, ok && b.Model != ""
	case pawl.EventAttempt:
		b, ok := bodyOf[Attempt](d)
		return cost.Happened{What: cost.Ended, Key: d.Key, Model: b.Model, Took: b.Took().Believed()}, ok && b.Model != ""
	case pawl.EventClaimed, pawl.EventReleased, pawl.EventDone, pawl.EventCanceled:
		return cost.Happened{What: cost.Gone}, true
	case pawl.EventFailed:
		b, ok := bodyOf[Failed](d)
		return cost.Happened{What: cost.Gone}, ok && b.Final && d.Key == ""
	}
	return h, false
}

// bodyOf returns the draft's body, if it is one of that type or is written like one.
func bodyOf[B any](d Draft) (b B, ok bool) {
	if b, ok := d.Body.(B); ok {
		return b, true
	}
	text, stored := d.Body.(json.RawMessage)
	if !stored {
		var err error
		if text, err = encode(d.Body); err != nil {
			return b, false
		}
	}
	return b, json.Unmarshal(text, &b) == nil
}

// Costs implements cost.Keeper.
func (m *Memory) Costs(ctx context.Context, q cost.Query) (cost.Report, error) {
	return holding(ctx, m, "add up costs", func() (cost.Report, error) {
		return m.costs.Report(q)
	})
}

// count takes in what events of a run say of calls.
func (m *Memory) count(r *memoryRun, events []pawl.Event, drafts []Draft) {
	for i, d := range drafts {
		if h, ok := d.Tells(); ok {
			m.costs.Take(r.n, r.Flow, h, events[i].At)
		}
	}
}
