package journaltest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cost"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// report adds up what calls took.
func (b bench) report(q cost.Query) cost.Report {
	b.t.Helper()
	r, err := b.j.(cost.Keeper).Costs(b.ctx(), q)
	if err != nil {
		b.t.Fatalf("costs %+v: %v", q, err)
	}
	return r
}

// leave and end are a call of a step, of which end has no usage if its cost is below 0.
func leave(key pawl.Key, model string, at pawl.Time) journal.Draft {
	return journal.Draft{Type: pawl.EventIntent, Key: key, At: at, Body: journal.Intent{Number: 1, Model: model}}
}

func end(key pawl.Key, model string, usd float64, at pawl.Time) journal.Draft {
	a := journal.Attempt{Number: 1, Outcome: pawl.OutcomeRejected, Model: model, Raw: new("no"), StartedAt: at}
	if usd >= 0 {
		a.Usage, a.CostUSD = &llm.Usage{InputTokens: 10, OutputTokens: 5, CachedTokens: 2, CacheWriteTokens: 3}, &usd
	}
	return journal.Draft{Type: pawl.EventAttempt, Key: key, At: at, Body: a}
}

// ofFlow creates a run of a flow.
func (b bench) ofFlow(id pawl.RunID, flow string) *journal.Claim {
	b.t.Helper()
	run := newRun(id)
	run.Flow = flow
	c, err := b.j.Create(b.ctx(), run, []journal.Draft{created()})
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// sum is one of calls that all have a usage, so many of them.
func sum(name string, runs, calls int64, usd float64) cost.Sum {
	return cost.SumOf(name, runs, cost.Taken{Calls: calls, InputTokens: 10 * calls, OutputTokens: 5 * calls, CachedTokens: 2 * calls, CacheWriteTokens: 3 * calls, USD: usd})
}

func costs(t *testing.T, b bench) {
	none := b.report(cost.Query{By: cost.ByModel})
	b.equal("no costs", none, cost.Report{By: cost.ByModel, Zone: "UTC", Total: sum("", 0, 0, 0), Sums: []cost.Sum{}})
	c := b.ofFlow("r1", "article")
	b.append(c, leave("a", "m/one", start), leave("b", "m/two", start), journal.Draft{Type: pawl.EventIntent, Key: "code", At: start, Body: journal.Intent{Number: 1}})
	b.equal("none has ended", b.report(cost.Query{By: cost.ByModel}).Total, sum("", 0, 0, 0))
	b.append(c, end("a", "m/one", 0.1, start), end("b", "m/two", 0.2, start), end("b", "m/two", 0.3, start))
	b.append(c, journal.Draft{Type: pawl.EventAttempt, Key: "code", At: start, Body: journal.Attempt{Number: 1, Outcome: pawl.OutcomeAccepted, Result: json.RawMessage("1"), StartedAt: start}})
	d := b.ofFlow("r2", "\x00' \u2028")
	b.append(d, end("a", "m/one", 0.05, start))
	b.append(b.create("r3"), note("it asks nobody"), journal.Draft{Type: pawl.EventReused, Key: "x", At: start,
		Body: journal.Reused{From: journal.Took{Run: "r1", Key: "a", Usage: &pawl.UsageRecord{ModelCalls: 7, CostUSD: new(9.9)}}, Result: json.RawMessage("1")}})

	all := sum("", 2, 4, 0.65)
	b.equal("by flow", b.report(cost.Query{By: cost.ByFlow, Zone: "Asia/Tokyo"}), cost.Report{By: cost.ByFlow, Zone: "Asia/Tokyo", Total: all,
		Sums: []cost.Sum{sum("article", 1, 3, 0.6), sum("\x00' \u2028", 1, 1, 0.05)}})
	b.equal("by model", b.report(cost.Query{By: cost.ByModel}).Sums, []cost.Sum{sum("m/two", 1, 2, 0.5), sum("m/one", 2, 2, 0.15)})
	b.equal("of a flow", b.report(cost.Query{By: cost.ByModel, Flow: "article"}), cost.Report{By: cost.ByModel, Flow: "article", Zone: "UTC", Total: sum("", 1, 3, 0.6),
		Sums: []cost.Sum{sum("m/two", 1, 2, 0.5), sum("m/one", 1, 1, 0.1)}})
	b.equal("of none", b.report(cost.Query{By: cost.ByDay, Flow: "other"}).Sums, []cost.Sum{})
	for _, bad := range []cost.Query{{}, {By: "week"}, {By: cost.ByDay, Zone: "Mars"}, {By: cost.ByDay, Zone: "Local"}} {
		_, err := b.j.(cost.Keeper).Costs(b.ctx(), bad)
		b.want(err, pawl.ErrInput)
	}
	// Whatever a provider says that it took, sums stay numbers.
	most := journal.Attempt{Number: 1, Model: "m/most", CostUSD: new(1e300), Usage: &llm.Usage{InputTokens: 1<<63 - 1, OutputTokens: -5, CacheWriteTokens: 1<<63 - 1}}
	for range 3 {
		b.append(d, journal.Draft{Type: pawl.EventAttempt, Key: "most", At: start, Body: most})
	}
	if s := b.report(cost.Query{By: cost.ByModel}).Sums[0]; s.Name != "m/most" || *s.InputTokens != 3<<40 || *s.OutputTokens != 0 || *s.CacheWriteTokens != 3<<40 || *s.CostUSD != 3e9 {
		t.Errorf("the most is %+v", s)
	}
}

// costsLost: a call of which nobody knows how it ended has cost something that is not known,
// and one without a price or a usage too.
func costsLost(t *testing.T, b bench) {
	c := b.create("r1")
	b.append(c, leave("a", "m", start), leave("b", "m", start), end("b", "m", 0.5, start), leave("c", "n", start))
	if err := b.j.Release(b.ctx(), c); err != nil {
		t.Fatal(err)
	}
	b.equal("in flight", b.report(cost.Query{By: cost.ByModel}).Total, sum("", 1, 1, 0.5))
	c, err := b.j.Claim(b.ctx(), "r1", false)
	if err != nil {
		t.Fatal(err)
	}
	lost := cost.SumOf("n", 1, cost.Taken{Calls: 1, Unpriced: 1, Unmetered: 1})
	if lost.CostUSD != nil || lost.InputTokens != nil {
		t.Errorf("what is not known is %+v", lost)
	}
	one := sum("m", 1, 1, 0.5)
	one.ModelCalls, one.UnpricedCalls, one.UnmeteredCalls = 2, 1, 1
	b.equal("claimed", b.report(cost.Query{By: cost.ByModel}).Sums, []cost.Sum{one, lost})
	b.append(c, leave("d", "n", start), journal.Draft{Type: pawl.EventReleased, At: start, Body: journal.Released{Status: pawl.StatusWaiting}})
	b.append(c, end("e", "n", -1, start), leave("f", "n", start))
	if c, err = b.j.Claim(b.ctx(), "r1", true); err != nil {
		t.Fatal(err)
	}
	b.append(c, leave("g", "n", start), leave("h", "n", start), journal.Draft{Type: pawl.EventCanceled, At: start, Body: journal.Canceled{}})
	b.append(c, note("once"))
	b.equal("canceled", b.report(cost.Query{By: cost.ByModel}).Sums, []cost.Sum{one, cost.SumOf("n", 1, cost.Taken{Calls: 6, Unpriced: 6, Unmetered: 6})})
}

// costsKept: what a run has cost stays spent when it is removed, and what is imported was
// paid elsewhere.
func costsKept(t *testing.T, b bench) {
	for _, id := range []pawl.RunID{"r1", "r2", "r3"} { // one after the other: numbers are used again
		c := b.create(id)
		b.append(c, end("a", "m", 0.1, start), leave("b", "m", start))
		if err := b.j.Release(b.ctx(), c); err != nil {
			t.Fatal(err)
		}
		wantRemoved(t, b, []journal.Shown{{Run: id}}, string(id))
	}
	events, _, err := journal.Seal(journal.Claim{Run: "r4"}, []journal.Draft{created(), leave("a", "m", start), end("a", "m", 5, start)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.bring(journal.Imported{Events: events, NewRun: newRun("r4")}); err != nil {
		t.Fatal(err)
	}
	c := b.create("r5")
	b.append(c, end("a", "m", 0.1, start))
	want := sum("", 4, 4, 0.4)
	want.ModelCalls, want.UnpricedCalls, want.UnmeteredCalls = 7, 3, 3
	b.equal("total", b.report(cost.Query{By: cost.ByFlow}).Total, want)
}

// costsByDay: a call counts in the day in which it ended, in whatever zone that is asked for.
func costsByDay(t *testing.T, b bench) {
	at := func(day, hour, minute int) pawl.Time { // behind the time at which the run is claimed
		return pawl.At(time.Date(2126, 3, day, hour, minute, 0, 0, time.UTC))
	}
	c := b.create("r1")
	b.append(c, leave("a", "m", at(1, 18, 10)))
	b.append(c, end("a", "m", 0.1, at(1, 18, 14)))
	b.append(c, end("b", "m", 0.2, at(1, 18, 15)), end("c", "m", 0.3, at(1, 23, 59)))
	d := b.create("r2")
	b.append(d, end("a", "m", 0.4, at(2, 0, 0)), end("b", "m", 0.5, at(4, 12, 0)))
	days := func(zone string, since time.Time) cost.Report {
		return b.report(cost.Query{By: cost.ByDay, Zone: zone, Since: since})
	}
	b.equal("UTC", days("", time.Time{}).Sums, []cost.Sum{sum("2126-03-04", 1, 1, 0.5), sum("2126-03-02", 1, 1, 0.4), sum("2126-03-01", 1, 3, 0.6)})
	// Nepal is 5:45 ahead: its day begins at 18:15.
	b.equal("Nepal", days("Asia/Kathmandu", time.Time{}).Sums, []cost.Sum{sum("2126-03-04", 1, 1, 0.5), sum("2126-03-02", 2, 3, 0.9), sum("2126-03-01", 1, 1, 0.1)})
	b.equal("New York", days("America/New_York", time.Time{}).Sums, []cost.Sum{sum("2126-03-04", 1, 1, 0.5), sum("2126-03-01", 2, 4, 1)})
	since := days("Asia/Kathmandu", at(2, 3, 0).Time)
	b.equal("since", since.Since, new(at(1, 18, 15)))
	b.equal("total since", since.Total, sum("", 2, 4, 1.4))
	b.equal("days since", len(since.Sums), 2)
	r := b.report(cost.Query{By: cost.ByFlow, Since: at(1, 23, 50).Time})
	b.equal("flows since", r.Since, new(at(1, 23, 45)))
	b.equal("flows since", r.Sums, []cost.Sum{sum("article", 2, 3, 1.2)})
}
