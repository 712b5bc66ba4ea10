package journaltest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/notice"
)

func (b bench) notices() notice.Keeper { return b.j.(notice.Keeper) }

// late is a time behind all events that the journals date by themselves.
var late = pawl.At(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))

// after is a time after that.
func after(d time.Duration) pawl.Time { return pawl.At(late.Add(d)) }

// receiver makes somebody tell a receiver at a time.
func (b bench) receiver(id, program string, at pawl.Time) {
	b.t.Helper()
	if err := b.notices().KeepReceiver(b.ctx(), notice.Receiver{ID: id, Address: "https://" + id + "/***", Program: program}, at); err != nil {
		b.t.Fatalf("keep receiver: %v", err)
	}
}

// restsAt has a run come to rest at a time, which is news.
func (b bench) restsAt(id pawl.RunID, c *journal.Claim, at pawl.Time, is pawl.Status) {
	b.t.Helper()
	released := journal.Draft{Type: pawl.EventReleased, At: at, Body: journal.Released{Status: is, Reason: "why"}}
	if _, err := b.j.Append(b.ctx(), c, journal.Batch{Drafts: []journal.Draft{released}, Rest: is}); err != nil {
		b.t.Fatalf("rest %q: %v", id, err)
	}
}

func (b bench) take(receiver string, now, until pawl.Time, limit int) []notice.Notice {
	b.t.Helper()
	list, err := b.notices().TakeNotices(b.ctx(), receiver, now, until, limit)
	if err != nil {
		b.t.Fatalf("take notices: %v", err)
	}
	return list
}

func (b bench) noticesOf(run pawl.RunID) []pawl.Notice {
	b.t.Helper()
	list, err := b.notices().Notices(b.ctx(), run)
	if err != nil {
		b.t.Fatalf("notices of %q: %v", run, err)
	}
	return list
}

// A notice is owed by the commit with which a run comes to rest, to those that are told at
// that time, and to no one by any other commit.
func noticesOwed(t *testing.T, b bench) {
	c := b.create("r1")
	b.restsAt("r1", c, late, pawl.StatusWaiting) // nobody is told yet
	b.receiver("one", "", late)
	b.receiver("press", "press", late)
	b.receiver("other", "other", late)
	b.receiver("past", "", after(-notice.Day))
	if _, err := b.j.Append(b.ctx(), c, journal.Batch{Drafts: []journal.Draft{note("x")}}); err != nil {
		t.Fatal(err)
	}
	b.restsAt("r1", c, after(time.Second), pawl.StatusFailed)
	of := newRun("r2")
	of.Program = "press"
	c2, err := b.j.Create(b.ctx(), of, []journal.Draft{created()})
	if err != nil {
		t.Fatal(err)
	}
	b.restsAt("r2", c2, after(2*time.Second), pawl.StatusFailed)
	got := map[string]int{}
	for _, id := range []string{"one", "press", "other", "past", "none"} {
		for _, n := range b.take(id, after(time.Hour), after(2*time.Hour), 10) {
			got[id+" "+string(n.Run)]++
		}
	}
	b.equal("owed", got, map[string]int{"one r1": 1, "press r1": 1, "other r1": 1, "one r2": 1, "press r2": 1})
	all := b.noticesOf("r1")
	hash := b.read("r1")[c.Seq-1].Hash
	if len(all) != 3 {
		t.Fatalf("notices of r1 are %+v", all)
	}
	b.equal("notice", all[0], pawl.Notice{ID: notice.ID("r1", c.Seq, hash), To: "https://one/***", Status: pawl.StatusFailed, At: after(time.Second)})
	if all := b.noticesOf("none"); all == nil || len(all) != 0 {
		t.Errorf("of no run: %#v", all)
	}
	// a receiver that is told again is the same one, and is owed what comes then
	b.receiver("past", "", after(3*time.Second))
	b.restsAt("r2", c2, after(4*time.Second), pawl.StatusFailed)
	if got := b.take("past", after(time.Hour), after(2*time.Hour), 10); len(got) != 1 || got[0].Run != "r2" {
		t.Errorf("owed to past are %+v", got)
	}
}

// What is taken is nobody else's until it is due again, and is settled by whoever took it
// last.
func noticesTaken(t *testing.T, b bench) {
	b.receiver("one", "", late)
	claims := map[pawl.RunID]*journal.Claim{}
	for i, id := range []pawl.RunID{"r1", "r2", "r3"} {
		claims[id] = b.create(id)
		b.restsAt(id, claims[id], after(time.Duration(3-i)*time.Second), pawl.StatusWaiting)
	}
	if got := b.take("one", late, after(time.Minute), 10); len(got) != 0 {
		t.Errorf("due at once are %+v", got)
	}
	got := b.take("one", after(10*time.Second), after(time.Minute), 2)
	if len(got) != 2 || got[0].Run != "r3" || got[1].Run != "r2" {
		t.Fatalf("taken are %+v", got)
	}
	b.equal("taken", got[0], notice.Notice{Run: "r3", Seq: claims["r3"].Seq, Receiver: "one", Rested: after(time.Second), Due: after(time.Minute)})
	rest := b.take("one", after(10*time.Second), after(time.Minute), 10)
	if len(rest) != 1 || rest[0].Run != "r1" {
		t.Errorf("left are %+v", rest)
	}
	told, failed, gone := got[0], got[1], rest[0]
	told.Due, told.Told = pawl.Time{}, after(11*time.Second)
	failed.Due, failed.Tries, failed.Since, failed.Problem = after(20*time.Second), 1, after(12*time.Second), "no"
	gone.Due, gone.Tries, gone.Since, gone.GaveUp, gone.Problem = pawl.Time{}, 1, after(13*time.Second), after(13*time.Second), "gone"
	for _, n := range []notice.Notice{told, failed, gone} {
		if err := b.notices().SettleNotice(b.ctx(), n, after(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	b.want(b.notices().SettleNotice(b.ctx(), told, after(time.Minute)), pawl.ErrConflict)
	at := func(d time.Duration) *pawl.Time { is := after(d); return &is }
	is := b.noticesOf("r3")[0]
	if is.ToldAt == nil || !is.ToldAt.Equal(told.Told.Time) || is.Since != nil || is.Problem != "" {
		t.Errorf("told: %+v", is)
	}
	is = b.noticesOf("r1")[0]
	b.equal("given up", []any{is.ToldAt, is.GaveUpAt, is.Tries, is.Since, is.Problem}, []any{(*pawl.Time)(nil), at(13 * time.Second), 1, at(13 * time.Second), "gone"})
	again := b.take("one", after(time.Hour), after(2*time.Hour), 10)
	failed.Due = after(2 * time.Hour)
	b.equal("again", again, []notice.Notice{failed})
	is = b.noticesOf("r2")[0]
	b.equal("failed", []any{is.ToldAt, is.GaveUpAt, is.Tries, is.Since, is.Problem}, []any{(*pawl.Time)(nil), (*pawl.Time)(nil), 1, at(12 * time.Second), "no"})
	b.want(b.notices().SettleNotice(b.ctx(), failed, after(20*time.Second)), pawl.ErrConflict) // somebody else has it

	if err := b.j.Release(b.ctx(), claims["r2"]); err != nil {
		t.Fatal(err)
	}
	if done, err := b.j.(journal.Remover).Remove(b.ctx(), journal.Shown{Run: "r2"}); err != nil || len(done.Runs) != 1 {
		t.Fatalf("remove: %+v, %v", done, err)
	}
	b.want(b.notices().SettleNotice(b.ctx(), failed, after(2*time.Hour)), pawl.ErrNotFound)
	if all := b.noticesOf("r2"); len(all) != 0 {
		t.Errorf("of a run that was removed: %+v", all)
	}
	if got := b.take("one", after(5*time.Hour), after(6*time.Hour), 10); len(got) != 0 {
		t.Errorf("after all left are %+v", got)
	}
}

// While nothing comes through to a receiver, what is owed to it says so.
func noticesTrouble(t *testing.T, b bench) {
	b.receiver("one", "", late)
	b.restsAt("r1", b.create("r1"), late, pawl.StatusFailed)
	trouble := func(since pawl.Time, problem string) {
		t.Helper()
		if err := b.notices().NoteTrouble(b.ctx(), "one", since, problem); err != nil {
			t.Fatal(err)
		}
	}
	trouble(after(time.Minute), "reset")
	trouble(after(time.Hour), "refused")
	if is := b.noticesOf("r1")[0]; is.Since == nil || !is.Since.Equal(after(time.Minute).Time) || is.Problem != "refused" || is.Tries != 0 {
		t.Errorf("in trouble: %+v", is)
	}
	trouble(pawl.Time{}, "")
	if is := b.noticesOf("r1")[0]; is.Since != nil || is.Problem != "" {
		t.Errorf("out of trouble: %+v", is)
	}
}

// A notice that is due is taken by one of those who want it at once.
func noticesRace(t *testing.T, b bench) {
	b.receiver("one", "", late)
	for _, id := range []pawl.RunID{"r1", "r2", "r3", "r4", "r5"} {
		b.restsAt(id, b.create(id), late, pawl.StatusFailed)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	taken := map[pawl.RunID]int{}
	for range 8 {
		all.Go(func() {
			for {
				list, err := b.notices().TakeNotices(b.ctx(), "one", late, after(time.Minute), 2)
				if err != nil && !errors.Is(err, pawl.ErrConflict) {
					t.Errorf("take: %v", err)
				}
				if len(list) == 0 {
					return
				}
				mu.Lock()
				for _, n := range list {
					taken[n.Run]++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	b.equal("taken", taken, map[pawl.RunID]int{"r1": 1, "r2": 1, "r3": 1, "r4": 1, "r5": 1})
}

// A batch that is refused leaves no notice.
func noticesOfNone(t *testing.T, b bench) {
	b.receiver("one", "", late)
	c := b.create("r1")
	stale := *c
	b.restsAt("r1", c, late, pawl.StatusWaiting)
	end := journal.Batch{Drafts: []journal.Draft{{Type: pawl.EventDone, At: late, Body: journal.Done{Output: []byte("1")}}}, Rest: pawl.StatusDone}
	if _, err := b.j.Append(b.ctx(), &stale, end); err == nil {
		t.Fatal("a stale claim appends")
	}
	if got := b.noticesOf("r1"); len(got) != 1 {
		t.Errorf("notices are %+v", got)
	}
}
