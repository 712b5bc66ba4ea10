package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
)

// Beside is what the rest of a flow does while its main part stands still.
type Beside string

const (
	NothingBeside Beside = ""
	HoldsBeside   Beside = "holds" // a step is under way, so that the run's process holds it
	FailsBeside   Beside = "fails" // a step fails
)

// Cell is a cell of the matrix.
type Cell struct {
	Place
	Blocking
	Beside
	Office  *Office
	RestsAt pawl.Status // empty: as follows from the rest
}

// name is that of its flow.
func (c Cell) Name() string {
	s := c.Place.Name + "-" + c.Blocking.Name
	if c.Beside != "" {
		s += "-" + string(c.Beside)
	}
	return s
}

// key is where a key of its place is in its flow.
func (c Cell) Key(k pawl.Key) pawl.Key {
	if c.Beside == "" {
		return k
	}
	return "w/main/" + k
}

// flow makes its flow. A person is shown the title.
func (c Cell) Flow(title string) pawl.Flow {
	return pawl.New(c.Name(), "Stands still.", func(r *pawl.Run, in Topic) (got []string, err error) {
		main := func(r *pawl.Run) error {
			got = c.Body(r, func(r *pawl.Run, name string) string { return c.Ask(r, name, title) })
			return nil
		}
		if c.Beside == NothingBeside {
			return got, main(r)
		}
		pawl.Parallel(r, "w", pawl.Go("main", main), pawl.Go("side", func(r *pawl.Run) error {
			if c.Beside == FailsBeside {
				pawl.Ask(r, "x", Text("fail"))
				return nil
			}
			pawl.Do(r, "x", 1, func(ctx context.Context, n int) (int, error) {
				run, _, _ := strings.Cut(pawl.IdempotencyKey(ctx), "/")
				select {
				case <-c.Office.Door(run):
				case <-ctx.Done():
				}
				return n, ctx.Err()
			})
			plain(r, "y")
			return nil
		}))
		return got, nil
	})
}

// start starts its run.
func (c Cell) Start(t *testing.T, e pawl.Engine, title string) pawl.RunID {
	t.Helper()
	o := &pawl.StartOptions{}
	if c.Kind == pawl.BlockerBreakpoint {
		for _, round := range c.Rounds {
			for _, k := range round {
				o.Break = append(o.Break, c.Key(k))
			}
		}
	}
	f := c.Flow(title)
	id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), o)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// stands waits until exactly these keys of a run are blocked, and nothing else is
// to be done meanwhile; then status, list and inbox agree.
func (c Cell) Stands(t *testing.T, e pawl.Engine, id pawl.RunID, open []pawl.Key, is pawl.Status) pawl.RunRecord {
	t.Helper()
	rec := c.Until(t, e, id, func(rec pawl.RunRecord) bool {
		return rec.Status == is && slices.Equal(blocked(rec), c.Keys(open))
	})
	CheckStanding(t, e, rec)
	return rec
}

func (c Cell) Keys(of []pawl.Key) (all []pawl.Key) {
	for _, k := range of {
		all = append(all, c.Key(k))
	}
	return all
}

// until follows a run until its record is as it should be. A run at rest that is
// not fails the test.
func (c Cell) Until(t *testing.T, e pawl.Engine, id pawl.RunID, ok func(pawl.RunRecord) bool) pawl.RunRecord {
	t.Helper()
	for {
		rec := Status(t, e, id)
		if ok(rec) {
			return rec
		}
		news := false
		for _, err := range e.Events(t.Context(), id, rec.LastSeq) {
			if err != nil {
				t.Fatal(err)
			}
			news = true
			break
		}
		if again := Status(t, e, id); !news && !ok(again) && again.LastSeq == rec.LastSeq {
			t.Fatalf("run is %s (%s), blocked at %v: %s", rec.Status, rec.Reason, blocked(rec), Keys(rec))
		}
	}
}

func blocked(rec pawl.RunRecord) (all []pawl.Key) {
	for _, b := range rec.Blockers {
		if b.Key != "w/side/x" {
			all = append(all, b.Key)
		}
	}
	slices.Sort(all)
	return all
}

// CheckStanding checks that what the record of a run says of its blockers is what
// the list of runs and the inbox say, and that each says what may be done.
func CheckStanding(t *testing.T, e pawl.Engine, rec pawl.RunRecord) {
	t.Helper()
	list, err := e.List(t.Context(), pawl.RunFilter{Prefix: rec.ID})
	if err != nil || len(list) != 1 || list[0].Status != rec.Status || list[0].Reason != rec.Reason {
		t.Errorf("the list says %+v, the record %s (%s), %v", list, rec.Status, rec.Reason, err)
	}
	var inbox []pawl.InboxItem
	Until(t, "the inbox has what the record has", func() bool { // it may lag behind, and a busy server not answer in time
		if inbox, err = e.Inbox(t.Context(), pawl.RunFilter{Prefix: rec.ID}); err != nil && !errors.Is(err, pawl.ErrStorage) {
			t.Fatal(err)
		}
		return err == nil && len(inbox) == len(rec.Blockers)
	})
	for i, b := range rec.Blockers {
		if in := inbox[i]; in.Key != b.Key || in.Kind != b.Kind || in.Digest != b.Digest || in.Since != b.Since || in.Flow != rec.Flow {
			t.Errorf("inbox %+v, record %+v", in, b)
		}
	}
	CheckRest(t, rec)
}

// CheckRest checks that a run at rest says how it goes on.
func CheckRest(t *testing.T, rec pawl.RunRecord) {
	t.Helper()
	for _, b := range rec.Blockers {
		if len(b.Actions) < 2 || b.Actions[len(b.Actions)-1].Name != pawl.DecideCancel || b.Question == "" || b.Digest == "" {
			t.Errorf("blocker %+v", b)
		}
		for _, a := range b.Actions {
			if a.Command != "" || (a.Budget != nil) != (a.Name == pawl.DecideRaise) {
				t.Errorf("action %+v", a)
			}
		}
	}
	switch fails := slices.ContainsFunc(rec.Blockers, func(b pawl.Blocker) bool { return b.Kind.IsFailure() }); {
	case rec.Status == pawl.StatusFailed && !fails:
		t.Errorf("run %s is failed (%s) and nothing says how it goes on: %+v", rec.ID, rec.Reason, rec.Blockers)
	case rec.Status == pawl.StatusWaiting && len(rec.Blockers) == 0 && !slices.ContainsFunc(rec.Steps, func(s pawl.StepRecord) bool {
		return s.Kind == pawl.KindSleep && s.Status == pawl.StepWaiting
	}):
		t.Errorf("run %s waits (%s) and nothing says for what", rec.ID, rec.Reason)
	case (rec.Status == pawl.StatusDone || rec.Status == pawl.StatusCanceled) && len(rec.Blockers) > 0:
		t.Errorf("run %s is %s and has blockers: %+v", rec.ID, rec.Status, rec.Blockers)
	}
}

// rests is how a run stands at its blocker.
func (c Cell) Rests() pawl.Status {
	switch {
	case c.RestsAt != "":
		return c.RestsAt
	case c.Beside == HoldsBeside:
		return pawl.StatusRunning
	case c.Beside == FailsBeside, c.Kind.IsFailure():
		return pawl.StatusFailed
	}
	return pawl.StatusWaiting
}

// isDone checks the end of a run that was decided at every key.
func (c Cell) IsDone(t *testing.T, e pawl.Engine, id pawl.RunID, decisions int) {
	t.Helper()
	rec := c.Until(t, e, id, func(rec pawl.RunRecord) bool { return rec.Status == pawl.StatusDone })
	CheckStanding(t, e, rec)
	want := []string{}
	asked := map[pawl.Key]int{}
	for _, k := range c.Asks {
		asked[c.Key(k)] = 1
	}
	for _, round := range c.Rounds {
		for _, k := range round {
			want = append(want, c.Got(c.Key(k)))
			asked[c.Key(k)] = c.Calls
			n := 0
			for _, d := range rec.Decisions {
				if d.Key == c.Key(k) {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%d decisions on %q", n, k)
			}
		}
	}
	for _, s := range rec.Steps { // a call that was cut is made again
		if _, ok := asked[s.Key]; ok {
			asked[s.Key] += unknowns(s)
		}
	}
	var got []string
	if err := json.Unmarshal(rec.Output, &got); err != nil || !slices.Equal(got, want) {
		t.Errorf("flow code got %q, wants %q", got, want)
	}
	for k, n := range asked {
		if calls := c.Office.Called(id, k); calls != n {
			t.Errorf("%q was called %d times, wants %d", k, calls, n)
		}
	}
	if len(rec.Decisions) != decisions {
		t.Errorf("decisions %+v", rec.Decisions)
	}
}

func unknowns(s pawl.StepRecord) (n int) {
	for _, at := range s.Attempts {
		if at.Outcome == pawl.OutcomeUnknown {
			n++
		}
	}
	return n
}

func (c Cell) Count() (n int) {
	for _, round := range c.Rounds {
		n += len(round)
	}
	return n
}

// decideAll decides at every key, and checks the end.
func (c Cell) DecideAll(t *testing.T, sees, decides pawl.Engine, id pawl.RunID, how func(pawl.Engine, context.Context, pawl.RunID, pawl.Decision) error) {
	t.Helper()
	for _, round := range c.Rounds {
		for i, k := range slices.Backward(round) { // another order than that of asking
			rec := c.Stands(t, sees, id, round[:i+1], c.Rests())
			d := c.Lift(c.Key(k))
			d.Who = "anna"
			d.Digest = rec.Blockers[slices.IndexFunc(rec.Blockers, func(b pawl.Blocker) bool { return b.Key == d.Key && b.Kind == c.Kind })].Digest
			if err := how(decides, t.Context(), id, d); err != nil {
				t.Fatal(err)
			}
		}
	}
	if c.Beside == HoldsBeside {
		close(c.Office.Door(string(id)))
	}
	c.IsDone(t, sees, id, c.Count())
}

// decideRest decides at the keys of all rounds from one on.
func (c Cell) DecideRest(t *testing.T, e pawl.Engine, id pawl.RunID, from int) {
	t.Helper()
	for _, round := range c.Rounds[from:] {
		c.Stands(t, e, id, round, c.Rests())
		for _, k := range round {
			Decide(t, e, id, c.Lift(c.Key(k)))
		}
	}
}
