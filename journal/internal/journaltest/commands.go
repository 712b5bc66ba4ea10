package journaltest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

func (b bench) commands() journal.Commands { return b.j.(journal.Commands) }

func approve(key pawl.Key) *pawl.Decision {
	return &pawl.Decision{Key: key, What: pawl.DecideApprove, Who: "ann"}
}

// submit submits a decision on key.
func (b bench) submit(run pawl.RunID, key pawl.Key) int64 {
	b.t.Helper()
	id, err := b.commands().Submit(b.ctx(), journal.Command{Run: run, Decision: approve(key)})
	if err != nil {
		b.t.Fatalf("command to %q: %v", run, err)
	}
	return id
}

// pending lists the keys of pending decisions.
func (b bench) pending(run pawl.RunID) string {
	b.t.Helper()
	list, err := b.commands().Pending(b.ctx(), run)
	if err != nil {
		b.t.Fatalf("list commands of %q: %v", run, err)
	}
	var keys []string
	for _, p := range list {
		keys = append(keys, string(p.Decision.Key))
	}
	return strings.Join(keys, " ")
}

func (b bench) wantPending(run pawl.RunID, want string) {
	b.t.Helper()
	if got := b.pending(run); got != want {
		b.t.Errorf("pending of run %q are %q, want %q", run, got, want)
	}
}

// wantOutcome checks what came of a command: "pending", "accepted", or why it was refused.
func (b bench) wantOutcome(command int64, want string) {
	b.t.Helper()
	done, refused, err := b.commands().Handled(b.ctx(), command)
	got := "pending"
	switch {
	case err != nil:
		got = err.Error()
	case done && refused == nil:
		got = "accepted"
	case done:
		got = fmt.Sprintf("%s: %s", refused.Kind, refused.Message)
	case refused != nil:
		got = "pending, and refused"
	}
	if got != want {
		b.t.Errorf("outcome of command %d is %q, want %q", command, got, want)
	}
}

func (b bench) mustAppend(c *journal.Claim, batch journal.Batch) {
	b.t.Helper()
	if _, err := b.j.Append(b.ctx(), c, batch); err != nil {
		b.t.Fatalf("append to %q: %v", c.Run, err)
	}
}

// end ends a run.
func (b bench) end(c *journal.Claim, s pawl.Status, handled ...journal.Handled) {
	b.t.Helper()
	d := journal.Draft{Type: pawl.EventDone, At: start, Body: journal.Done{Output: json.RawMessage(`{}`)}}
	if s == pawl.StatusCanceled {
		d.Type, d.Body = pawl.EventCanceled, journal.Canceled{Reason: "enough", Who: "bob"}
	}
	if s == pawl.StatusFailed { // for good
		d.Type, d.Body = pawl.EventFailed, journal.Failed{Error: journal.Failure{Kind: pawl.ErrFlow, Message: "oh"}, Final: true}
	}
	is := journal.Summary{Status: s, Final: s == pawl.StatusFailed}
	b.mustAppend(c, journal.Batch{Drafts: []journal.Draft{d}, Summary: &is, Release: true, Handled: handled})
	if got := b.row(c.Run).Summary; got != is {
		b.t.Errorf("run %s is listed as %+v, want %+v", c.Run, got, is)
	}
}

// rest gives a run back with a status.
func (b bench) rest(c *journal.Claim, s pawl.Status) {
	b.t.Helper()
	b.mustAppend(c, journal.Batch{Drafts: []journal.Draft{note("rest")}, Summary: &journal.Summary{Status: s}, Release: true})
}

// commandForms: what is submitted comes back as it was, and is the journal's own.
func commandForms(t *testing.T, b bench) {
	b.create("r1")
	usd, calls := 1.25, int64(3)
	full := &pawl.Decision{
		Key: "a/b[2]", What: pawl.DecideAnswer, Who: "ann <é\x00>", At: start, Comment: "so\n& so", Reason: "drop",
		Value: json.RawMessage(`{"n":12345678901234567890}`), Budget: &pawl.Budget{USD: &usd, Calls: &calls}, Digest: "sha256:x", Expired: true,
	}
	commands := []journal.Command{
		{Run: "r1", Decision: full},
		{Run: "r1", Decision: &pawl.Decision{What: pawl.DecideRetry}},
		{Run: "r1", Directive: &pawl.Directive{What: pawl.DirectGuide, Who: "bob", Model: "p/m", Text: "be\x00 brief", Take: true}},
		{Run: "r1", Directive: &pawl.Directive{What: pawl.DirectPause}},
		{Run: "r1", Decision: &pawl.Decision{What: pawl.DecideSupply, Value: json.RawMessage(fmt.Sprintf("%q", strings.Repeat("x", 1<<20)))}},
	}
	var last int64
	for i := range commands {
		mark, err := b.j.Changes(b.ctx(), 0)
		if err != nil {
			t.Fatal(err)
		}
		id, err := b.commands().Submit(b.ctx(), commands[i])
		if err != nil || id <= last {
			t.Fatalf("command %d has number %d after %d, %v", i, id, last, err)
		}
		commands[i].ID, last = id, id
		if _, err := b.j.Changes(b.ctx(), mark); err != nil { // a command is a change
			t.Fatal(err)
		}
	}
	for range 2 {
		got, err := b.commands().Pending(b.ctx(), "r1")
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range got {
			if d := time.Since(p.At.Time); d < -time.Minute || d > time.Hour || i > 0 && p.At.Before(got[i-1].At.Time) {
				t.Errorf("command %d is of %v", p.ID, p.At)
			}
			got[i].At = pawl.Time{}
		}
		b.equal("pending commands", got, commands)
		// What callers change stays theirs.
		got[2].Directive.Text = "changed"
		clear(full.Value)
		full.Value = json.RawMessage(`{"n":12345678901234567890}`)
	}
	b.equal("pending for the holder", len(b.held()), len(commands))

	for name, p := range map[string]journal.Command{
		"neither": {Run: "r1"},
		"both":    {Run: "r1", Decision: approve("a"), Directive: &pawl.Directive{What: pawl.DirectPause}},
		"no JSON": {Run: "r1", Decision: &pawl.Decision{Value: json.RawMessage(`{"a":`)}},
	} {
		if _, err := b.commands().Submit(b.ctx(), p); err == nil {
			t.Errorf("%s: no error", name)
		} else {
			b.want(err, pawl.ErrInternal)
		}
	}
	_, err := b.commands().Submit(b.ctx(), journal.Command{Run: "r1", Directive: &pawl.Directive{Text: strings.Repeat("x", journal.MaxValueBytes)}})
	b.want(err, pawl.ErrInput)
	if n := len(b.held()); n != len(commands) {
		t.Errorf("%d commands after some were refused, want %d", n, len(commands))
	}
}

func (b bench) held() []journal.Command {
	b.t.Helper()
	list, err := b.commands().Pending(b.ctx(), "")
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

func handledOnce(t *testing.T, b bench) {
	c := b.create("r1")
	other := b.create("r2")
	first, second := b.submit("r1", "a"), b.submit("r1", "b")
	foreign := b.submit("r2", "c")
	b.wantPending("r1", "a b")
	b.wantPending("", "a b c")

	// A batch may say what came of a command and nothing else.
	mark, err := b.j.Changes(b.ctx(), 0)
	if err != nil {
		t.Fatal(err)
	}
	b.mustAppend(c, journal.Batch{Handled: []journal.Handled{{Command: second}}})
	if _, err := b.j.Changes(b.ctx(), mark); err != nil {
		t.Fatal(err)
	}
	b.wantLen("r1", 2)
	b.wantOutcome(second, "accepted")
	b.wantOutcome(first, "pending")
	b.wantPending("r1", "a")
	why := journal.Failure{Kind: pawl.ErrConflict, Message: "ann has approved it", Hint: "pawl show r1", Step: "a"}
	b.mustAppend(c, journal.Batch{Drafts: []journal.Draft{note("x")}, Handled: []journal.Handled{{Command: first, Refused: &why}}})
	kept := why
	why.Message = "changed"
	if done, refused, err := b.commands().Handled(b.ctx(), first); !done || refused == nil || *refused != kept || err != nil {
		t.Errorf("outcome %v %+v, %v; want refused %+v", done, refused, err, kept)
	} else {
		refused.Message = "changed"
	}
	b.wantOutcome(first, "conflict: ann has approved it")
	b.wantPending("r1", "")
	b.wantPending("", "c")

	// What cannot be handled takes its batch with it.
	third, fourth := b.submit("r1", "d"), b.submit("r1", "e")
	c = b.badHandled(c, "handled before", pawl.ErrConflict, first)
	c = b.badHandled(c, "refused, and handled before", pawl.ErrConflict, third, second)
	c = b.badHandled(c, "twice in a batch", pawl.ErrConflict, third, third)
	c = b.badHandled(c, "of another run", pawl.ErrInternal, third, foreign)
	for _, none := range []int64{0, -1, 1 << 40} {
		c = b.badHandled(c, "no command", pawl.ErrInternal, fourth, none)
	}
	b.wantPending("r1", "d e")
	b.wantPending("r2", "c")
	b.mustAppend(c, journal.Batch{Handled: []journal.Handled{{Command: fourth}, {Command: third}}})
	b.mustAppend(other, journal.Batch{Handled: []journal.Handled{{Command: foreign}}})
	for _, id := range []int64{third, fourth, foreign} {
		b.wantOutcome(id, "accepted")
	}
	b.wantPending("", "")
}

// badHandled appends what is refused, and claims the run anew.
func (b bench) badHandled(c *journal.Claim, name string, kind pawl.ErrorKind, commands ...int64) *journal.Claim {
	b.t.Helper()
	before := b.read(c.Run)
	batch := journal.Batch{
		Drafts:  []journal.Draft{opens(note("x"), "never"), result("never", "1")},
		Blobs:   [][]byte{[]byte("never")},
		Summary: &journal.Summary{Status: pawl.StatusDone}, Release: true,
	}
	for _, id := range commands {
		batch.Handled = append(batch.Handled, journal.Handled{Command: id})
	}
	_, err := b.j.Append(b.ctx(), c, batch)
	b.want(err, kind)
	if errors.Is(err, journal.ErrLost) {
		b.t.Errorf("%s: %v", name, err)
	}
	b.equal(name+": events", b.read(c.Run), before)
	if row := b.row(c.Run); row.Summary.Status != pawl.StatusRunning || !row.Held {
		b.t.Errorf("%s: row %+v", name, row)
	}
	b.wantOpen(pawl.RunFilter{}, "")
	_, err = b.j.(journal.Blobs).Blob(b.ctx(), journal.Digest([]byte("never")))
	b.want(err, pawl.ErrNotFound)
	again, err := b.j.Claim(b.ctx(), c.Run, true)
	if err != nil {
		b.t.Fatal(err)
	}
	return again
}

// A claim that was lost or given back handles nothing.
func lostHandlesNothing(t *testing.T, b bench) {
	lost := b.create("r1")
	id := b.submit("r1", "a")
	c, err := b.j.Claim(b.ctx(), "r1", true)
	if err != nil {
		t.Fatal(err)
	}
	for _, drafts := range [][]journal.Draft{nil, {note("late")}} {
		_, err = b.j.Append(b.ctx(), lost, journal.Batch{Drafts: drafts, Handled: []journal.Handled{{Command: id}}})
		b.wantLost(err)
	}
	b.wantOutcome(id, "pending")
	b.wantPending("", "a")
	b.rest(c, pawl.StatusWaiting)
	_, err = b.j.Append(b.ctx(), c, journal.Batch{Handled: []journal.Handled{{Command: id}}})
	b.wantLost(err)
	b.wantOutcome(id, "pending")
	b.wantPending("r1", "a")
	b.wantPending("", "") // nobody holds it
}

func postEnded(t *testing.T, b bench) {
	for s, ending := range map[pawl.Status]string{pawl.StatusDone: "is done", pawl.StatusCanceled: "is canceled", pawl.StatusFailed: "has failed for good"} {
		id := pawl.RunID("r-" + s)
		c, other := b.create(id), b.create("other-"+id)
		taken, refused, left := b.submit(id, "a"), b.submit(id, "b"), b.submit(id, "c")
		beside := b.submit("other-"+id, "d")
		b.end(c, s, journal.Handled{Command: taken}, journal.Handled{Command: refused, Refused: &journal.Failure{Kind: pawl.ErrInput, Message: "no"}})
		b.wantOutcome(taken, "accepted")
		b.wantOutcome(refused, "input: no")
		b.wantOutcome(left, fmt.Sprintf("conflict: run %s %s", id, ending))
		b.wantOutcome(beside, "pending")
		b.wantPending(id, "")
		_, err := b.commands().Submit(b.ctx(), journal.Command{Run: id, Decision: approve("late")})
		b.want(err, pawl.ErrConflict)
		if err != nil && !strings.Contains(err.Error(), fmt.Sprintf("run %s %s", id, ending)) {
			t.Errorf("error %q does not say that the run %s", err, ending)
		}
		b.wantPending(id, "")
		b.end(other, pawl.StatusDone)
		b.wantOutcome(beside, fmt.Sprintf("conflict: run other-%s is done", id))
	}
	_, err := b.commands().Submit(b.ctx(), journal.Command{Run: "nope", Decision: approve("a")})
	b.want(err, pawl.ErrNotFound)
	_, err = b.commands().Pending(b.ctx(), "nope")
	b.want(err, pawl.ErrNotFound)
	for _, id := range []int64{0, -1, 1 << 40} {
		_, _, err = b.commands().Handled(b.ctx(), id)
		b.want(err, pawl.ErrNotFound)
	}
}

// A command wakes a run that rests, whatever it rests for, but not one that is held
// or at its end.
func idleByCommand(t *testing.T, b bench) {
	var held *journal.Claim
	for _, s := range []pawl.Status{pawl.StatusWaiting, pawl.StatusFailed, pawl.StatusPaused, pawl.StatusDone, pawl.StatusCanceled} {
		id := pawl.RunID("s-" + s)
		c := b.create(id)
		b.submit(id, "a")
		b.submit(id, "b")
		switch s {
		case pawl.StatusDone:
			b.end(c, s)
		default: // for the list of runs, a status is enough
			b.rest(c, s)
		}
	}
	held = b.create("s-held")
	b.submit("s-held", "a")
	b.enqueue("q1", "article")
	b.submit("q1", "a") // it was idle before
	b.enqueue("q2", "other")
	b.submit("q2", "a")
	b.rest(b.create("s-silent"), pawl.StatusPaused)
	final := b.create("s-final")
	b.submit("s-final", "a")
	b.mustAppend(final, journal.Batch{Drafts: []journal.Draft{note("end")}, Summary: &journal.Summary{Status: pawl.StatusFailed, Final: true}, Release: true})

	b.wantIdle("all", b.idleRows(0, "article", "other"), "s-waiting s-failed s-paused q1 q2")
	b.wantIdle("limit", b.idleRows(2, "article", "other"), "s-waiting s-failed")
	b.wantIdle("flow", b.idleRows(0, "other"), "q2")
	b.wantIdle("no flow", b.idleRows(0), "")

	c, err := b.j.Claim(b.ctx(), "s-failed", false)
	if err != nil {
		t.Fatal(err)
	}
	b.wantIdle("claimed", b.idleRows(0, "article"), "s-waiting s-paused q1")
	list, err := b.commands().Pending(b.ctx(), "s-failed")
	if err != nil || len(list) != 2 {
		t.Fatalf("commands %+v, %v", list, err)
	}
	b.mustAppend(c, journal.Batch{Handled: []journal.Handled{{Command: list[0].ID}}})
	if err := b.j.Release(b.ctx(), c); err != nil {
		t.Fatal(err)
	}
	b.wantIdle("one of two is left", b.idleRows(0, "article"), "s-waiting s-failed s-paused q1")
	if c, err = b.j.Claim(b.ctx(), "s-failed", false); err != nil {
		t.Fatal(err)
	}
	b.mustAppend(c, journal.Batch{Handled: []journal.Handled{{Command: list[1].ID}}, Release: true})
	b.wantIdle("none is left", b.idleRows(0, "article"), "s-waiting s-paused q1")
	b.rest(held, pawl.StatusPausing)
	b.wantIdle("given back", b.idleRows(0, "article"), "s-waiting s-paused s-held q1")
}

func (b bench) idleRows(limit int, flows ...string) []journal.Row {
	b.t.Helper()
	rows, err := b.queue().Idle(b.ctx(), flows, limit)
	if err != nil {
		b.t.Fatalf("list idle runs: %v", err)
	}
	return rows
}

func (b bench) wantIdle(what string, rows []journal.Row, want string) {
	b.t.Helper()
	var ids []string
	for _, r := range rows {
		if r.Held {
			b.t.Errorf("%s: row %+v is held", what, r)
		}
		ids = append(ids, string(r.ID))
	}
	if got := strings.Join(ids, " "); got != want {
		b.t.Errorf("%s: idle are %q, want %q", what, got, want)
	}
}

func opens(d journal.Draft, key pawl.Key) journal.Draft {
	d.Key, d.Opens = key, true
	return d
}

func lifts(d journal.Draft, key pawl.Key) journal.Draft {
	d.Key, d.Lifts = key, true
	return d
}

func blocker(key pawl.Key, question string) journal.Draft {
	return opens(journal.Draft{Type: pawl.EventBlocker, At: start, Body: journal.Blocker{Kind: pawl.BlockerApproval, Question: question}}, key)
}

func decided(key pawl.Key) journal.Draft {
	return lifts(journal.Draft{Type: pawl.EventDecision, At: start, Body: journal.Decision{What: pawl.DecideApprove, Who: "ann"}}, key)
}

// wantOpen checks open blockers as "run:key@seq", each against the run's history.
func (b bench) wantOpen(f pawl.RunFilter, want string) {
	b.t.Helper()
	list, err := b.commands().OpenBlockers(b.ctx(), f)
	if err != nil {
		b.t.Fatalf("list open blockers: %v", err)
	}
	var got []string
	for _, o := range list {
		e := o.Event
		got = append(got, fmt.Sprintf("%s:%s@%d", e.Run, e.Key, e.Seq))
		if row := b.row(e.Run); row.Flow != o.Flow {
			b.t.Errorf("blocker of flow %q, its run's is %q", o.Flow, row.Flow)
		}
		b.equal("event of a blocker", e, b.read(e.Run)[e.Seq-1])
	}
	if got := strings.Join(got, " "); got != want {
		b.t.Errorf("open for %+v are %q, want %q", f, got, want)
	}
}

func openBlockers(t *testing.T, b bench) {
	all := pawl.RunFilter{}
	b.wantOpen(all, "")
	a := b.create("aa1")
	run := newRun("ab2")
	run.Flow = "blog"
	blog, err := b.j.Create(b.ctx(), run, []journal.Draft{created(), blocker("first", "at once?")})
	if err != nil {
		t.Fatal(err)
	}
	b.append(a, note("x"), blocker("x", "one?"), blocker("y", strings.Repeat("long ", 10_000)))
	b.append(blog, opens(journal.Draft{Type: pawl.EventFailed, At: start, Body: journal.Failed{Error: journal.Failure{Kind: pawl.ErrStep, Message: "no"}}}, ""))
	b.append(blog, result("z", "1"), note("opens nothing"))
	b.wantOpen(all, "ab2:first@2 aa1:x@4 aa1:y@5 ab2:@4")

	b.wantOpen(pawl.RunFilter{Limit: 2}, "ab2:first@2 aa1:x@4")
	b.wantOpen(pawl.RunFilter{Limit: -1}, "ab2:first@2 aa1:x@4 aa1:y@5 ab2:@4")
	b.wantOpen(pawl.RunFilter{Prefix: "a", Limit: 3}, "ab2:first@2 aa1:x@4 aa1:y@5")
	b.wantOpen(pawl.RunFilter{Prefix: "aa"}, "aa1:x@4 aa1:y@5")
	b.wantOpen(pawl.RunFilter{Prefix: "ab2", Limit: 1}, "ab2:first@2")
	b.wantOpen(pawl.RunFilter{Flow: "blog"}, "ab2:first@2 ab2:@4")
	b.wantOpen(pawl.RunFilter{Flow: "article", Limit: 1}, "aa1:x@4")
	b.wantOpen(pawl.RunFilter{Flow: "blog", Prefix: "aa"}, "")
	for _, none := range []pawl.RunFilter{{Flow: "nope"}, {Prefix: "AA"}, {Prefix: "%"}, {Prefix: "\xff"}, {Prefix: "aa12"}} {
		b.wantOpen(none, "")
	}

	// One in the place of another is the newer one, also within a batch.
	b.append(a, blocker("x", "two?"))
	b.append(blog, blocker("w", "one?"), blocker("w", "two?"), decided("nothing open"), decided("aa1"))
	b.wantOpen(all, "ab2:first@2 aa1:y@5 ab2:@4 aa1:x@6 ab2:w@8")
	// Lifting is a matter of the key in the run, and of the order in the batch.
	b.append(a, decided("w"), decided("y"), blocker("v", "?"), decided("v"), blocker("u", "?"), decided("u"), blocker("u", "again?"))
	b.append(blog, decided(""), decided("first"))
	b.wantOpen(all, "aa1:x@6 ab2:w@8 aa1:u@13")
	// Claims and rests leave them.
	b.rest(a, pawl.StatusWaiting)
	if a, err = b.j.Claim(b.ctx(), "aa1", false); err != nil {
		t.Fatal(err)
	}
	b.wantOpen(all, "aa1:x@6 ab2:w@8 aa1:u@13")

	// What is not stored changes nothing.
	bad := *a
	_, err = b.j.Append(b.ctx(), &bad, batch(decided("x"), blocker("never", "?"), result("q", "1"), result("q", "2")))
	b.want(err, pawl.ErrConflict)
	bad.Seq--
	_, err = b.j.Append(b.ctx(), &bad, batch(decided("x"), blocker("never", "?")))
	b.wantLost(err)
	b.wantOpen(all, "aa1:x@6 ab2:w@8 aa1:u@13")

	// The end lifts all of its run, and of no other.
	if a, err = b.j.Claim(b.ctx(), "aa1", true); err != nil {
		t.Fatal(err)
	}
	b.append(a, blocker("late", "?"))
	b.end(a, pawl.StatusCanceled)
	b.wantOpen(all, "ab2:w@8")
	b.end(blog, pawl.StatusDone)
	b.wantOpen(all, "")
}

// A batch that fails late leaves commands and blockers as they were.
func commandsAtomic(t *testing.T, b bench) {
	c := b.create("r1")
	b.append(c, blocker("a", "?"), result("r", "1"))
	id := b.submit("r1", "a")
	_, err := b.j.Append(b.ctx(), c, journal.Batch{
		Drafts:  []journal.Draft{decided("a"), blocker("b", "?"), {Type: pawl.EventDone, At: start, Body: journal.Done{}}, result("r", "2")},
		Summary: &journal.Summary{Status: pawl.StatusDone}, Release: true,
		Handled: []journal.Handled{{Command: id}},
	})
	b.want(err, pawl.ErrConflict)
	b.wantOpen(pawl.RunFilter{}, "r1:a@3")
	b.wantOutcome(id, "pending")
	b.wantPending("", "a")
	b.submit("r1", "b") // it has not ended
}

// concurrentCommands: each command is handled once, whoever tries, and one that comes
// with the run's end is either handled with it or refused at the door.
func concurrentCommands(t *testing.T, b bench) {
	const runs, posters, each = 4, 4, 10
	var wg sync.WaitGroup
	var accepted, turned, handled atomic.Int64
	var mu sync.Mutex
	var numbers []int64
	for i := range runs {
		id := pawl.RunID(fmt.Sprint("r", i))
		c := b.create(id)
		for range posters {
			wg.Go(func() {
				for range each {
					n, err := b.commands().Submit(b.ctx(), journal.Command{Run: id, Decision: approve("a")})
					if err != nil {
						b.want(err, pawl.ErrConflict)
						turned.Add(1)
						continue
					}
					accepted.Add(1)
					mu.Lock()
					numbers = append(numbers, n)
					mu.Unlock()
				}
			})
		}
		wg.Go(func() { // the holder
			for n := 0; n < posters*each/2; {
				list, err := b.commands().Pending(b.ctx(), id)
				if err != nil {
					t.Error(err)
					return
				}
				var all []journal.Handled
				for _, p := range list {
					all = append(all, journal.Handled{Command: p.ID})
				}
				if _, err := b.j.Append(b.ctx(), c, journal.Batch{Drafts: []journal.Draft{blocker("a", "?")}, Handled: all}); err != nil {
					t.Error(err)
					return
				}
				n += len(all)
				handled.Add(int64(len(all)))
			}
			b.end(c, pawl.StatusDone)
		})
	}
	wg.Wait()
	if accepted.Load()+turned.Load() != runs*posters*each {
		t.Errorf("%d commands taken, %d refused", accepted.Load(), turned.Load())
	}
	var taken int64
	seen := map[int64]bool{}
	for _, n := range numbers {
		done, refused, err := b.commands().Handled(b.ctx(), n)
		if !done || err != nil || seen[n] {
			t.Errorf("command %d: done %v, %v, a number given twice: %v", n, done, err, seen[n])
		}
		seen[n] = true
		if refused == nil {
			taken++
		}
	}
	if taken != handled.Load() {
		t.Errorf("%d commands are handled, %d were", taken, handled.Load())
	}
	b.wantPending("", "")
	b.wantOpen(pawl.RunFilter{}, "")
}
