package journaltest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

func readParts(t *testing.T, b bench) {
	c := b.create("r1")
	b.create("r2")
	for i := range 8 {
		b.append(c, note(fmt.Sprint(i)))
	}
	all := b.read("r1")
	if len(all) != 10 {
		t.Fatalf("%d events, want 10", len(all))
	}
	for _, test := range []struct {
		after      pawl.Seq
		limit      int
		from, upto int
	}{
		{0, 0, 0, 10}, {0, 3, 0, 3}, {3, 3, 3, 6}, {9, 3, 9, 10}, {9, 0, 9, 10}, {10, 0, 10, 10}, {99, 5, 10, 10}, {0, 99, 0, 10}, {-5, 2, 0, 2}, {0, -1, 0, 10},
	} {
		got, err := b.j.Read(b.ctx(), "r1", test.after, test.limit)
		if err != nil {
			t.Errorf("after %d limit %d: %v", test.after, test.limit, err)
		}
		if len(got) == 0 && test.from == test.upto {
			continue
		}
		b.equal(fmt.Sprintf("events after %d, limit %d", test.after, test.limit), got, all[test.from:test.upto])
	}
}

func listRuns(t *testing.T, b bench) {
	if rows := b.runs(pawl.RunFilter{}); len(rows) != 0 {
		t.Errorf("a new journal has runs %+v", rows)
	}
	for _, r := range []struct {
		id   pawl.RunID
		flow string
	}{{"aa1", "article"}, {"ab2", "blog"}, {"aa3", "blog"}, {"b%4", "article"}, {"b_5", "Blog"}} {
		run := newRun(r.id)
		run.Flow = r.flow
		run.Summary.Status = map[pawl.RunID]pawl.Status{"aa3": pawl.StatusFailed, "b%4": pawl.StatusDone, "aa1": pawl.StatusWaiting}[r.id]
		if run.Summary.Status == "" {
			run.Summary.Status = pawl.StatusRunning
		}
		c, err := b.j.Create(b.ctx(), run, []journal.Draft{created()})
		if err != nil {
			t.Fatal(err)
		}
		if r.id == "aa1" {
			defer func() { b.append(c, note("later events do not change the order")) }()
		}
	}
	for _, test := range []struct {
		filter pawl.RunFilter
		want   string
	}{
		{pawl.RunFilter{}, "b_5 b%4 aa3 ab2 aa1"},
		{pawl.RunFilter{Limit: 2}, "b_5 b%4"},
		{pawl.RunFilter{Limit: 99}, "b_5 b%4 aa3 ab2 aa1"},
		{pawl.RunFilter{Prefix: "a"}, "aa3 ab2 aa1"},
		{pawl.RunFilter{Prefix: "aa"}, "aa3 aa1"},
		{pawl.RunFilter{Prefix: "aa1"}, "aa1"},
		{pawl.RunFilter{Prefix: "aa12"}, ""},
		{pawl.RunFilter{Prefix: "AA"}, ""},
		{pawl.RunFilter{Prefix: "%"}, ""},
		{pawl.RunFilter{Prefix: "b%"}, "b%4"},
		{pawl.RunFilter{Prefix: "b_"}, "b_5"},
		{pawl.RunFilter{Prefix: "\xff"}, ""},
		{pawl.RunFilter{Prefix: "*"}, ""},
		{pawl.RunFilter{Flow: "blog"}, "aa3 ab2"},
		{pawl.RunFilter{Flow: "nope"}, ""},
		{pawl.RunFilter{Flow: "blog", Prefix: "aa"}, "aa3"},
		{pawl.RunFilter{Flow: "blog", Limit: 1}, "aa3"},
		{pawl.RunFilter{Limit: -1}, "b_5 b%4 aa3 ab2 aa1"},
		{pawl.RunFilter{After: "b%4"}, "aa3 ab2 aa1"},
		{pawl.RunFilter{After: "b_5", Limit: 2}, "b%4 aa3"},
		{pawl.RunFilter{After: "b%4", Flow: "blog", Limit: 1}, "aa3"},
		{pawl.RunFilter{After: "aa3", Prefix: "aa"}, "aa1"},
		{pawl.RunFilter{After: "aa1"}, ""},
		{pawl.RunFilter{After: "gone"}, ""},
		{pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusFailed}}, "aa3"},
		{pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusDone}}, "b%4"},
		{pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusFailed, pawl.StatusRunning, pawl.StatusPaused}}, "b_5 aa3 ab2"},
		{pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusRunning, pawl.StatusWaiting, pawl.StatusFailed}, Limit: 2}, "b_5 aa3"},
		{pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusRunning, pawl.StatusDone}, Limit: 2}, "b_5 b%4"},
		{pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusRunning, pawl.StatusFailed}, Flow: "blog", After: "aa3"}, "ab2"},
		{pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusRunning}, Prefix: "a"}, "ab2"},
		{pawl.RunFilter{Statuses: []pawl.Status{"odd"}}, ""},
		{pawl.RunFilter{Since: time.Now().Add(time.Hour)}, ""},
		{pawl.RunFilter{Since: time.UnixMilli(1), Flow: "blog"}, "aa3 ab2"},
	} {
		got := ""
		for i, row := range b.runs(test.filter) {
			if i > 0 {
				got += " "
			}
			got += string(row.ID)
		}
		if got != test.want {
			t.Errorf("runs for %+v are %q, want %q", test.filter, got, test.want)
		}
	}
}

// A run that failed is superseded by the newest that has it as its base, and by none that
// was canceled.
func lineage(t *testing.T, b bench) {
	create := func(id, program, base string) *journal.Claim {
		run := newRun(pawl.RunID(id))
		run.Program, run.Base = program, pawl.RunID(base)
		c, err := b.j.Create(b.ctx(), run, []journal.Draft{created(), blocker("x", "why?")})
		if err != nil {
			b.t.Fatal(err)
		}
		return c
	}
	stands := func(c *journal.Claim, s pawl.Status) {
		b.t.Helper()
		if _, err := b.j.Append(b.ctx(), c, journal.Batch{Drafts: []journal.Draft{note("x")}, Summary: &journal.Summary{Status: s}}); err != nil {
			b.t.Fatal(err)
		}
	}
	check := func(f pawl.RunFilter, want string) {
		b.t.Helper()
		var got []string
		for _, r := range b.runs(f) {
			got = append(got, strings.TrimRight(fmt.Sprint(r.ID, " ", r.Program, " ", r.Base, " ", r.SupersededBy), " "))
		}
		if strings.Join(got, ", ") != want {
			b.t.Errorf("runs for %+v are %q, want %q", f, got, want)
		}
	}
	first, second, third := create("r1", "", ""), create("r2", "staging", "r1"), create("r3", "live", "r1")
	create("r4", "live", "gone")
	check(pawl.RunFilter{}, "r4 live gone, r3 live r1, r2 staging r1, r1")
	check(pawl.RunFilter{Base: "r1"}, "r3 live r1, r2 staging r1")
	check(pawl.RunFilter{Base: "r1", Limit: 1, Program: "staging"}, "r2 staging r1")
	check(pawl.RunFilter{Program: "live", Prefix: "r"}, "r4 live gone, r3 live r1, r1")
	check(pawl.RunFilter{Program: "live", Flow: newRun("r1").Flow}, "r4 live gone, r3 live r1, r1")
	check(pawl.RunFilter{Program: "none"}, "r1")
	check(pawl.RunFilter{Base: "r"}, "")
	check(pawl.RunFilter{Current: true, Prefix: "r1"}, "r1")

	stands(first, pawl.StatusFailed)
	check(pawl.RunFilter{Prefix: "r1"}, "r1   r3")
	check(pawl.RunFilter{Current: true}, "r4 live gone, r3 live r1, r2 staging r1")
	b.wantOpen(pawl.RunFilter{Current: true}, "r2:x@2 r3:x@2 r4:x@2")
	b.wantOpen(pawl.RunFilter{}, "r1:x@2 r2:x@2 r3:x@2 r4:x@2")
	b.wantOpen(pawl.RunFilter{Base: "r1", Program: "live"}, "r3:x@2")
	stands(third, pawl.StatusCanceled)
	check(pawl.RunFilter{Prefix: "r1"}, "r1   r2")
	stands(second, pawl.StatusCanceled)
	check(pawl.RunFilter{Prefix: "r1", Current: true}, "r1")
}

func summary(t *testing.T, b bench) {
	c := b.create("r1")
	b.append(c, note("no summary: unchanged"))
	if s := b.row("r1").Summary; s.Status != pawl.StatusRunning {
		t.Errorf("summary %+v", s)
	}
	for _, want := range []journal.Summary{{Status: pawl.StatusFailed, Reason: "outline cannot finish"}, {Status: pawl.StatusDone}} {
		if _, err := b.j.Append(b.ctx(), c, journal.Batch{Drafts: []journal.Draft{note("x")}, Summary: &want}); err != nil {
			t.Fatal(err)
		}
		if got := b.row("r1").Summary; got != want {
			t.Errorf("summary %+v, want %+v", got, want)
		}
	}
	// A batch may be a summary alone, and it is fenced like any other.
	only := journal.Summary{Status: pawl.StatusPaused, Reason: "by hand"}
	if _, err := b.j.Append(b.ctx(), c, journal.Batch{Summary: &only}); err != nil {
		t.Fatal(err)
	}
	if err := b.j.Release(b.ctx(), c); err != nil {
		t.Fatal(err)
	}
	if _, err := b.j.Append(b.ctx(), c, journal.Batch{Summary: &journal.Summary{}}); !errors.Is(err, journal.ErrLost) {
		t.Errorf("summary without a claim: %v", err)
	}
	if got := b.row("r1"); got.Summary != only || got.Held {
		t.Errorf("row %+v, want summary %+v", got, only)
	}
}

func blobs(t *testing.T, b bench) {
	store := b.j.(journal.Blobs)
	c := b.create("r1")
	big := make([]byte, 1<<20)
	for i := range big {
		big[i] = byte(i * 7)
	}
	all := [][]byte{{}, []byte("one"), {0, 0xff, 0xfe, 0}, big, []byte("one"), nil}
	for range 2 { // again: those already there are kept
		if _, err := b.j.Append(b.ctx(), c, journal.Batch{Drafts: []journal.Draft{note("x")}, Blobs: all}); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range all {
		got, err := store.Blob(b.ctx(), journal.Digest(want))
		if err != nil || string(got) != string(want) {
			t.Errorf("blob of %d bytes came back with %d, %v", len(want), len(got), err)
		}
	}
	for _, digest := range []string{journal.Digest([]byte("never stored")), "", "sha256:", "'"} {
		_, err := store.Blob(b.ctx(), digest)
		b.want(err, pawl.ErrNotFound)
	}
}
