package journaltest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/limit"
)

func (b bench) setLimit(l limit.Limit) {
	b.t.Helper()
	if l.Zone == "" {
		l.Zone = "UTC"
	}
	if err := b.j.(limit.Keeper).SetLimit(b.ctx(), l); err != nil {
		b.t.Fatalf("set limit: %v", err)
	}
}

func (b bench) limits() []limit.Tally {
	b.t.Helper()
	all, err := b.j.(limit.Keeper).Limits(b.ctx())
	if err != nil {
		b.t.Fatalf("list limits: %v", err)
	}
	return all
}

// total is a limit for all time.
func total(flow string, calls int64) limit.Limit {
	return limit.Limit{Flow: flow, Per: limit.PerTotal, Most: pawl.Budget{Calls: new(calls)}}
}

// wantGone checks what the only limit has counted.
func (b bench) wantGone(what string, spent, reserved int64) {
	b.t.Helper()
	all := b.limits()
	if len(all) != 1 || all[0].Spent.Calls != spent || all[0].Reserved.Calls != reserved {
		b.t.Errorf("%s: limits are %+v, want %d spent and %d reserved", what, all, spent, reserved)
	}
}

// leaving is a batch with which calls of steps leave, each the first of its step.
func leaving(keys ...pawl.Key) (batch journal.Batch) {
	dollars := 0.5
	for _, key := range keys {
		r := &journal.Reserve{Tokens: 100, USD: &dollars}
		batch.Drafts = append(batch.Drafts, journal.Draft{Type: pawl.EventIntent, Key: key, At: start, Body: journal.Intent{Number: 1, Model: "m", Reserve: r}})
		batch.Calls = append(batch.Calls, limit.Call{Key: key, Number: 1, May: r.Taken()})
	}
	return batch
}

func limitForms(t *testing.T, b bench) {
	if all := b.limits(); all == nil || len(all) != 0 {
		t.Errorf("at first there are %#v", all)
	}
	whole := limit.Limit{Per: limit.PerDay, Zone: "Asia/Tokyo", Who: "ada \x1b <>", Most: pawl.Budget{USD: new(2.5), Tokens: new(int64(7)), Calls: new(int64(1))}}
	for _, l := range []limit.Limit{total("b", 1), {Flow: "b", Per: limit.PerMonth, Most: whole.Most}, total("", 2), whole, total("\x00' \u2028", 3)} {
		b.setLimit(l)
	}
	var names []string
	for _, is := range b.limits() {
		names = append(names, fmt.Sprintf("%q %s", is.Flow, is.Per))
	}
	b.equal("limits", names, []string{`"" day`, `"" total`, `"\x00' \u2028" total`, `"b" month`, `"b" total`})
	first := b.limits()[0]
	if first.SetAt.IsZero() || first.Since != first.SetAt || !first.Until.After(first.Since.Time) {
		t.Errorf("the first is %+v", first)
	}
	whole.SetAt = first.SetAt
	b.equal("the first", first.Limit, whole)
	*first.Most.Calls = 9 // what callers change stays theirs
	b.equal("the first", b.limits()[0].Limit, whole)

	for _, bad := range []limit.Limit{{}, {Per: "week", Zone: "UTC", Most: whole.Most}, {Per: limit.PerDay, Zone: "Mars", Most: whole.Most}, {Per: limit.PerDay, Zone: "UTC"},
		{Per: limit.PerDay, Zone: "UTC", Most: pawl.Budget{Calls: new(int64(-1))}}, {Per: limit.PerDay, Zone: "UTC", Most: pawl.Budget{USD: new(-0.1)}}} {
		b.want(b.j.(limit.Keeper).SetLimit(b.ctx(), bad), pawl.ErrInput)
	}
	b.want(b.j.(limit.Keeper).RemoveLimit(b.ctx(), limit.Name{Flow: "b", Per: limit.PerDay}), pawl.ErrNotFound)
	if err := b.j.(limit.Keeper).RemoveLimit(b.ctx(), limit.Name{Flow: "b", Per: limit.PerTotal}); err != nil {
		t.Fatal(err)
	}
	if n := len(b.limits()); n != 4 {
		t.Errorf("%d limits are left", n)
	}
}

// limitCounts: what a call took comes in the place of what it had reserved, once, and of one
// whose outcome nobody will know that is spent.
func limitCounts(t *testing.T, b bench) {
	b.setLimit(total("", 100))
	c := b.create("r1")
	send := func(batch journal.Batch) {
		t.Helper()
		if _, err := b.j.Append(b.ctx(), c, batch); err != nil {
			t.Fatal(err)
		}
	}
	send(leaving("a", "b", "c"))
	b.wantGone("three in flight", 0, 3)
	end := journal.Batch{Drafts: []journal.Draft{result("a", "1")}, Ended: []limit.Ended{{Key: "a", Number: 1, Took: limit.Taken{Calls: 1, Tokens: 7, USD: 0.1}}}}
	send(end)
	b.wantGone("one has ended", 1, 2)
	b.equal("spent", b.limits()[0].Spent, limit.Taken{Calls: 1, Tokens: 7, USD: 0.1})
	end.Drafts = []journal.Draft{note("again")}
	send(end)
	b.wantGone("it ends once", 1, 2)
	var err error
	if c, err = b.j.Claim(b.ctx(), "r1", true); err != nil {
		t.Fatal(err)
	}
	b.wantGone("taken", 3, 0)
	b.equal("spent", b.limits()[0].Spent, limit.Taken{Calls: 3, Tokens: 207, USD: 1.1})
	send(leaving("d"))
	batch := leaving("e")
	batch.Release = true
	send(batch)
	b.wantGone("released with a batch", 5, 0)
	if c, err = b.j.Claim(b.ctx(), "r1", false); err != nil {
		t.Fatal(err)
	}
	send(leaving("f"))
	if err := b.j.Release(b.ctx(), c); err != nil {
		t.Fatal(err)
	}
	b.wantGone("released", 6, 0)
	b.setLimit(total("", 7))
	b.wantGone("set anew", 6, 0)
	wantRemoved(t, b, []journal.Shown{{Run: "r1"}}, "r1")
	b.wantGone("removed", 6, 0)
}

// limitSettlesFirst: what a call has left over is there for those that leave in the batch with
// which it ends; where that is refused, it has not ended.
func limitSettlesFirst(t *testing.T, b bench) {
	b.setLimit(limit.Limit{Per: limit.PerTotal, Most: pawl.Budget{Tokens: new(int64(110))}})
	c := b.create("r1")
	if _, err := b.j.Append(b.ctx(), c, leaving("a")); err != nil { // which reserves 100
		t.Fatal(err)
	}
	next := leaving("b")
	next.Drafts = append(next.Drafts, result("a", "1"))
	next.Ended = []limit.Ended{{Key: "a", Number: 1, Took: limit.Taken{Calls: 1, Tokens: 11}}}
	_, err := b.j.Append(b.ctx(), c, next)
	b.want(err, pawl.ErrConflict)
	b.wantGone("refused", 0, 1)
	next.Ended[0].Took.Tokens = 10
	if _, err := b.j.Append(b.ctx(), c, next); err != nil {
		t.Fatal(err)
	}
	b.wantGone("one has ended, and one left", 1, 1)
	b.equal("spent", b.limits()[0].Spent, limit.Taken{Calls: 1, Tokens: 10})
}

// limitRefuses: a batch with calls that do not fit is refused as a whole, and the claim holds.
func limitRefuses(t *testing.T, b bench) {
	b.setLimit(total("article", 2))
	b.setLimit(limit.Limit{Per: limit.PerDay, Most: pawl.Budget{USD: new(1.2)}})
	b.setLimit(total("other", 0))
	c := b.create("r1")
	before := *c
	_, err := b.j.Append(b.ctx(), c, leaving("a", "b", "c", "d"))
	var over *limit.Exceeded
	if b.want(err, pawl.ErrConflict); !errors.As(err, &over) {
		t.Fatalf("the error is %v", err)
	}
	var says []string
	for _, o := range over.Calls {
		says = append(says, fmt.Sprintf("%s %s waits %v %d", o.Key, o.Limit.Per, o.Waits, o.Limit.Reserved.Calls))
	}
	// The third passes both: that of all time is in its way longest.
	b.equal("what does not fit", says, []string{"c total waits false 2", "d total waits false 2"})
	b.equal("the claim", *c, before)
	b.wantLen("r1", 2)
	if _, err := b.j.Append(b.ctx(), c, leaving("a", "b")); err != nil {
		t.Fatal(err)
	}
	_, err = b.j.Append(b.ctx(), c, leaving("c"))
	b.want(err, pawl.ErrConflict)
	beyond := leaving("c")
	beyond.Calls[0].Beyond = true
	if _, err := b.j.Append(b.ctx(), c, beyond); err != nil {
		t.Fatal(err)
	}
	for _, is := range b.limits() {
		if want := map[string]int64{"": 3, "article": 3, "other": 0}[is.Flow]; is.Reserved.Calls != want {
			t.Errorf("%+v, want %d reserved", is, want)
		}
	}
	if err := b.j.(limit.Keeper).RemoveLimit(b.ctx(), limit.Name{Flow: "article", Per: limit.PerTotal}); err != nil {
		t.Fatal(err)
	}
	_, err = b.j.Append(b.ctx(), c, leaving("d"))
	if errors.As(err, &over); err == nil || !over.Calls[0].Waits { // the dollars are only reserved
		t.Errorf("%v, %+v", err, over)
	}
}

// limitRace: however many append at once, no more leaves than the limit says.
func limitRace(t *testing.T, b bench) {
	const runs, most = 24, 10
	b.setLimit(total("", most))
	var all sync.WaitGroup
	var mu sync.Mutex
	left := 0
	for i := range runs {
		c := b.create(pawl.RunID(fmt.Sprint("r", i)))
		all.Go(func() {
			_, err := b.j.Append(b.ctx(), c, leaving("a"))
			mu.Lock()
			defer mu.Unlock()
			var over *limit.Exceeded
			switch {
			case err == nil:
				left++
			case !errors.As(err, &over):
				t.Errorf("append: %v", err)
			}
		})
	}
	all.Wait()
	if left != most {
		t.Errorf("%d left, want %d", left, most)
	}
	b.wantGone("all", 0, most)
}
