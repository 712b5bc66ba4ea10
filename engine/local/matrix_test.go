package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// The matrix of people in the loop: every place x every kind x every way, and
// what can come between.

// office is the world of the matrix: a model that counts its calls by run, and
// fails the first call of a question that says so, and doors that runs wait at.
type office struct {
	mu    sync.Mutex
	calls map[string]int // by run and key
	doors map[string]chan struct{}
}

func newOffice() *office { return &office{calls: map[string]int{}, doors: map[string]chan struct{}{}} }

func (o *office) Generate(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	id := req.Meta.Run + "/" + req.Meta.Key
	o.calls[id]++
	if o.calls[id] == 1 && strings.HasPrefix(req.Messages[0].Text(), "fail") {
		return llm.Response{}, &llm.Error{Kind: llm.Refused, Message: "no"}
	}
	return llm.Response{Text: "answer of " + req.Meta.Key}, nil
}

// door is what a run waits at until it is opened.
func (o *office) door(run string) chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.doors[run] == nil {
		o.doors[run] = make(chan struct{})
	}
	return o.doors[run]
}

func (o *office) called(id pawl.RunID, key pawl.Key) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.calls[string(id)+"/"+string(key)]
}

// blocking is a sort of blocker, and how it is lifted.
type blocking struct {
	name  string
	kind  pawl.BlockerKind
	ask   func(r *pawl.Run, name, title string) string // what a run stands still at
	lift  func(key pawl.Key) pawl.Decision
	got   func(key pawl.Key) string // what flow code gets of it
	calls int                       // of a model at its key
	bad   map[string]string         // values that are not accepted, and what the refusal names
}

func titled(key pawl.Key) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"title":%q,"words":7}`, key))
}

var badPosts = map[string]string{
	`{"title":"","words":3}`: "title", `{"title":"T","words":"3"}`: "words", `{"title":"T","words":-1}`: "words: is negative", `{"title":"T","words":1,"x":2}`: "x",
}

var blockings = []blocking{
	{
		name: "approval", kind: pawl.BlockerApproval,
		ask: func(r *pawl.Run, name, title string) string {
			a := pawl.Approve(r, name, post{Title: title, Words: 1}, "Publish it?")
			return fmt.Sprintf("%v %s %v", a.Approved, a.Value.Title, a.Edited)
		},
		lift: func(key pawl.Key) pawl.Decision {
			return pawl.Decision{Key: key, What: pawl.DecideApprove, Value: titled(key)}
		},
		got: func(key pawl.Key) string { return fmt.Sprintf("true %s true", key) },
		bad: badPosts,
	}, {
		name: "input", kind: pawl.BlockerInput,
		ask: func(r *pawl.Run, name, title string) string {
			return pawl.Input[post](r, name, "Which post after "+title+"?").Title
		},
		lift: func(key pawl.Key) pawl.Decision {
			return pawl.Decision{Key: key, What: pawl.DecideAnswer, Value: titled(key)}
		},
		got: func(key pawl.Key) string { return string(key) },
		bad: badPosts,
	}, {
		name: "retry", kind: pawl.BlockerFailure,
		ask: func(r *pawl.Run, name, title string) string {
			return pawl.Ask(r, name, text("fail "+title).Gate("brief", brief))
		},
		lift:  func(key pawl.Key) pawl.Decision { return pawl.Decision{Key: key, What: pawl.DecideRetry} },
		got:   func(key pawl.Key) string { return "answer of " + string(key) },
		calls: 2,
	}, {
		name: "supply", kind: pawl.BlockerFailure,
		ask: func(r *pawl.Run, name, title string) string {
			return pawl.Ask(r, name, text("fail "+title).Gate("brief", brief))
		},
		lift: func(key pawl.Key) pawl.Decision {
			return pawl.Decision{Key: key, What: pawl.DecideSupply, Value: json.RawMessage(fmt.Sprintf("%q", "mine of "+key))}
		},
		got:   func(key pawl.Key) string { return "mine of " + string(key) },
		calls: 1,
		bad:   map[string]string{`3`: "not a text", `"this is much longer than what anybody would want to have here, or at all"`: "is long"},
	}, {
		name: "breakpoint", kind: pawl.BlockerBreakpoint,
		ask:   func(r *pawl.Run, name, title string) string { return pawl.Ask(r, name, text("ask "+title)) },
		lift:  func(key pawl.Key) pawl.Decision { return pawl.Decision{Key: key, What: pawl.DecideContinue} },
		got:   func(key pawl.Key) string { return "answer of " + string(key) },
		calls: 1,
	},
}

func brief(s string) error {
	if len(s) > 60 {
		return errors.New("is long")
	}
	return nil
}

// place is where in a flow a run stands still.
type place struct {
	name string
	body func(r *pawl.Run, at func(*pawl.Run, string) string) []string // what each of the keys got

	// rounds are the keys at which it stands still: those of a round at once,
	// one round after the other. asks are the steps beside them.
	rounds [][]pawl.Key
	asks   []pawl.Key
}

func ask(r *pawl.Run, name string) string { return pawl.Ask(r, name, text("plain")) }

// between is a flow that stands still between two steps.
func between(at func(*pawl.Run, string) string) *pawl.FlowOf[topic, string] {
	return pawl.New("sub", "A part.", func(r *pawl.Run, in topic) (string, error) {
		ask(r, "s")
		got := at(r, "g")
		ask(r, "t")
		return got, nil
	})
}

var places = []place{
	{"first", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		got := at(r, "g")
		ask(r, "after")
		return []string{got}
	}, [][]pawl.Key{{"g"}}, []pawl.Key{"after"}},

	{"linear", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		ask(r, "before")
		got := at(r, "g")
		ask(r, "after")
		return []string{got}
	}, [][]pawl.Key{{"g"}}, []pawl.Key{"before", "after"}},

	{"branch", func(r *pawl.Run, at func(*pawl.Run, string) string) (got []string) {
		if strings.HasPrefix(ask(r, "before"), "answer") {
			got = append(got, at(r, "g"))
		} else {
			ask(r, "other")
		}
		ask(r, "after")
		return got
	}, [][]pawl.Key{{"g"}}, []pawl.Key{"before", "after"}},

	{"parallel", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		var got string
		pawl.Parallel(r, "p",
			pawl.Go("a", func(r *pawl.Run) error { ask(r, "s"); got = at(r, "g"); ask(r, "t"); return nil }),
			pawl.Go("b", func(r *pawl.Run) error { ask(r, "s"); ask(r, "t"); return nil }))
		ask(r, "after")
		return []string{got}
	}, [][]pawl.Key{{"p/a/g"}}, []pawl.Key{"p/a/s", "p/a/t", "p/b/s", "p/b/t", "after"}},

	{"map", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		out := pawl.Map(r, "m", []int{0, 1, 2}, func(r *pawl.Run, i int) (string, error) {
			if i == 1 {
				return at(r, "g"), nil
			}
			return ask(r, "s"), nil
		}, pawl.Limit(2))
		ask(r, "after")
		return out[1:2]
	}, [][]pawl.Key{{"m[1]/g"}}, []pawl.Key{"m[0]/s", "m[2]/s", "after"}},

	{"loop", func(r *pawl.Run, at func(*pawl.Run, string) string) (got []string) {
		for range 3 {
			got = append(got, at(r, "g"))
			ask(r, "after")
		}
		return got
	}, [][]pawl.Key{{"g"}, {"g#2"}, {"g#3"}}, []pawl.Key{"after", "after#2", "after#3"}},

	{"call", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		got := pawl.Call(r, "c", between(at), topic{})
		ask(r, "after")
		return []string{got}
	}, [][]pawl.Key{{"c/g"}}, []pawl.Key{"c/s", "c/t", "after"}},

	{"nested", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		return pawl.Map(r, "m", []int{0, 1}, func(r *pawl.Run, _ int) (string, error) {
			return pawl.Call(r, "c", between(at), topic{}), nil
		})
	}, [][]pawl.Key{{"m[0]/c/g", "m[1]/c/g"}}, []pawl.Key{"m[0]/c/s", "m[0]/c/t", "m[1]/c/s", "m[1]/c/t"}},

	{"two", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		return []string{at(r, "g"), at(r, "h")}
	}, [][]pawl.Key{{"g"}, {"h"}}, nil},

	{"arms", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		got := make([]string, 2)
		pawl.Parallel(r, "p",
			pawl.Go("a", func(r *pawl.Run) error { ask(r, "s"); got[0] = at(r, "g"); ask(r, "t"); return nil }),
			pawl.Go("b", func(r *pawl.Run) error { ask(r, "s"); got[1] = at(r, "g"); ask(r, "t"); return nil }))
		return got
	}, [][]pawl.Key{{"p/a/g", "p/b/g"}}, []pawl.Key{"p/a/s", "p/a/t", "p/b/s", "p/b/t"}},
}

// beside is what the rest of a flow does while its main part stands still.
type beside string

const (
	nothingBeside beside = ""
	holdsBeside   beside = "holds" // a step is under way, so that the run's process holds it
	failsBeside   beside = "fails" // a step fails
)

// matrixCase is a cell of the matrix.
type matrixCase struct {
	place
	blocking
	beside
	office  *office
	restsAt pawl.Status // empty: as follows from the rest
}

// name is that of its flow.
func (c matrixCase) name() string {
	s := c.place.name + "-" + c.blocking.name
	if c.beside != "" {
		s += "-" + string(c.beside)
	}
	return s
}

// key is where a key of its place is in its flow.
func (c matrixCase) key(k pawl.Key) pawl.Key {
	if c.beside == "" {
		return k
	}
	return "w/main/" + k
}

// flow makes its flow. A person is shown the title.
func (c matrixCase) flow(title string) pawl.Flow {
	return pawl.New(c.name(), "Stands still.", func(r *pawl.Run, in topic) (got []string, err error) {
		main := func(r *pawl.Run) error {
			got = c.body(r, func(r *pawl.Run, name string) string { return c.ask(r, name, title) })
			return nil
		}
		if c.beside == nothingBeside {
			return got, main(r)
		}
		pawl.Parallel(r, "w", pawl.Go("main", main), pawl.Go("side", func(r *pawl.Run) error {
			if c.beside == failsBeside {
				pawl.Ask(r, "x", text("fail"))
				return nil
			}
			pawl.Do(r, "x", 1, func(ctx context.Context, n int) (int, error) {
				run, _, _ := strings.Cut(pawl.IdempotencyKey(ctx), "/")
				select {
				case <-c.office.door(run):
				case <-ctx.Done():
				}
				return n, ctx.Err()
			})
			ask(r, "y")
			return nil
		}))
		return got, nil
	})
}

// start starts its run.
func (c matrixCase) start(t *testing.T, e *local.Engine, title string) pawl.RunID {
	t.Helper()
	o := &pawl.StartOptions{}
	if c.kind == pawl.BlockerBreakpoint {
		for _, round := range c.rounds {
			for _, k := range round {
				o.Break = append(o.Break, c.key(k))
			}
		}
	}
	f := c.flow(title)
	id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), o)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// stands waits until exactly these keys of a run are blocked, and nothing else is
// to be done meanwhile; then status, list and inbox agree.
func (c matrixCase) stands(t *testing.T, e *local.Engine, id pawl.RunID, open []pawl.Key, is pawl.Status) pawl.RunRecord {
	t.Helper()
	rec := c.until(t, e, id, func(rec pawl.RunRecord) bool {
		return rec.Status == is && slices.Equal(blocked(rec), c.keys(open))
	})
	checkStanding(t, e, rec)
	return rec
}

func (c matrixCase) keys(of []pawl.Key) (all []pawl.Key) {
	for _, k := range of {
		all = append(all, c.key(k))
	}
	return all
}

// until follows a run until its record is as it should be. A run at rest that is
// not fails the test.
func (c matrixCase) until(t *testing.T, e *local.Engine, id pawl.RunID, ok func(pawl.RunRecord) bool) pawl.RunRecord {
	t.Helper()
	for {
		rec := status(t, e, id)
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
		if again := status(t, e, id); !news && !ok(again) && again.LastSeq == rec.LastSeq {
			t.Fatalf("run is %s (%s), blocked at %v: %s", rec.Status, rec.Reason, blocked(rec), keys(rec))
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

// checkStanding checks that what the record of a run says of its blockers is what
// the list of runs and the inbox say, and that each says what may be done.
func checkStanding(t *testing.T, e *local.Engine, rec pawl.RunRecord) {
	t.Helper()
	list, err := e.List(t.Context(), pawl.RunFilter{Prefix: rec.ID})
	if err != nil || len(list) != 1 || list[0].Status != rec.Status || list[0].Reason != rec.Reason {
		t.Errorf("the list says %+v, the record %s (%s), %v", list, rec.Status, rec.Reason, err)
	}
	inbox, err := e.Inbox(t.Context(), pawl.RunFilter{Prefix: rec.ID})
	if err != nil || len(inbox) != len(rec.Blockers) {
		t.Fatalf("inbox %+v, record %+v, %v", inbox, rec.Blockers, err)
	}
	for i, b := range rec.Blockers {
		if in := inbox[i]; in.Key != b.Key || in.Kind != b.Kind || in.Digest != b.Digest || in.Since != b.Since || in.Flow != rec.Flow {
			t.Errorf("inbox %+v, record %+v", in, b)
		}
	}
	checkRest(t, rec)
}

// checkRest checks that a run at rest says how it goes on.
func checkRest(t *testing.T, rec pawl.RunRecord) {
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
func (c matrixCase) rests() pawl.Status {
	switch {
	case c.restsAt != "":
		return c.restsAt
	case c.beside == holdsBeside:
		return pawl.StatusRunning
	case c.beside == failsBeside, c.kind.IsFailure():
		return pawl.StatusFailed
	}
	return pawl.StatusWaiting
}

// isDone checks the end of a run that was decided at every key.
func (c matrixCase) isDone(t *testing.T, e *local.Engine, id pawl.RunID, decisions int) {
	t.Helper()
	rec := c.until(t, e, id, func(rec pawl.RunRecord) bool { return rec.Status == pawl.StatusDone })
	checkStanding(t, e, rec)
	want := []string{}
	asked := map[pawl.Key]int{}
	for _, k := range c.asks {
		asked[c.key(k)] = 1
	}
	for _, round := range c.rounds {
		for _, k := range round {
			want = append(want, c.got(c.key(k)))
			asked[c.key(k)] = c.calls
			n := 0
			for _, d := range rec.Decisions {
				if d.Key == c.key(k) {
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
		if calls := c.office.called(id, k); calls != n {
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

func (c matrixCase) count() (n int) {
	for _, round := range c.rounds {
		n += len(round)
	}
	return n
}

// opening is a store that a matrix is played on. open opens it once more, as
// another process would.
type opening struct {
	name string
	new  func(t *testing.T) (open func() journal.Journal)
}

var openings = []opening{
	{"memory", func(t *testing.T) func() journal.Journal {
		m := checktest.Memory(t)
		return func() journal.Journal { return m }
	}},
	{"sqlite", func(t *testing.T) func() journal.Journal {
		dir := filepath.Join(t.TempDir(), "data")
		var mu sync.Mutex
		first := openStore(t, dir)
		checktest.AtEnd(t, first)
		return func() journal.Journal {
			mu.Lock()
			defer mu.Unlock()
			return openStore(t, dir)
		}
	}},
}

// ways are how a decision reaches a run.
var ways = []struct {
	name   string
	beside beside
	play   func(t *testing.T, c matrixCase, s *scene)
}{
	{"same engine", nothingBeside, func(t *testing.T, c matrixCase, s *scene) {
		id := c.start(t, s.first, "A")
		c.decideAll(t, s.first, s.first, id, (*local.Engine).Decide)
	}},
	{"restart", nothingBeside, func(t *testing.T, c matrixCase, s *scene) {
		j := s.open()
		e := newEngine(j, s.office)
		id := c.start(t, e, "A")
		for _, round := range c.rounds {
			c.stands(t, e, id, round, c.rests())
			for _, k := range round {
				if err := e.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				if _, kept := j.(*journal.Memory); !kept {
					if err := j.Close(); err != nil {
						t.Fatal(err)
					}
				}
				j = s.open()
				e = newEngine(j, s.office, c.flow("A"))
				decide(t, e, id, c.lift(c.key(k)))
				c.until(t, e, id, func(rec pawl.RunRecord) bool { return rec.Status.AtRest() })
			}
		}
		c.isDone(t, e, id, c.count())
	}},
	{"another process works", nothingBeside, func(t *testing.T, c matrixCase, s *scene) {
		id := c.start(t, s.worker, "A")
		c.decideAll(t, s.second, s.second, id, (*local.Engine).Decide)
	}},
	{"another process holds", holdsBeside, func(t *testing.T, c matrixCase, s *scene) {
		id := c.start(t, s.first, "A")
		c.decideAll(t, s.second, s.second, id, (*local.Engine).Decide)
		if n := claims(t, s.journal, id); n != 1 {
			t.Errorf("the run was claimed %d times", n)
		}
	}},
	{"recorded", nothingBeside, func(t *testing.T, c matrixCase, s *scene) {
		id := c.start(t, s.first, "A")
		clerk := newEngine(s.journal, s.office) // knows no flow
		c.decideAll(t, s.first, clerk, id, func(e *local.Engine, ctx context.Context, id pawl.RunID, d pawl.Decision) error {
			if err := e.Record(ctx, id, d); err != nil {
				return err
			}
			w := newEngine(s.journal, s.office, c.flow("A"))
			defer w.Close(t.Context())
			return w.Work(ctx, &local.WorkOptions{Drain: true})
		})
	}},
}

// decideAll decides at every key, and checks the end.
func (c matrixCase) decideAll(t *testing.T, sees, decides *local.Engine, id pawl.RunID, how func(*local.Engine, context.Context, pawl.RunID, pawl.Decision) error) {
	t.Helper()
	for _, round := range c.rounds {
		for i, k := range slices.Backward(round) { // another order than that of asking
			rec := c.stands(t, sees, id, round[:i+1], c.rests())
			d := c.lift(c.key(k))
			d.Who = "anna"
			d.Digest = rec.Blockers[slices.IndexFunc(rec.Blockers, func(b pawl.Blocker) bool { return b.Key == d.Key && b.Kind == c.kind })].Digest
			if err := how(decides, t.Context(), id, d); err != nil {
				t.Fatal(err)
			}
		}
	}
	if c.beside == holdsBeside {
		close(c.office.door(string(id)))
	}
	c.isDone(t, sees, id, c.count())
}

// scene is a store and the engines on it.
type scene struct {
	office        *office
	open          func() journal.Journal
	journal       journal.Journal
	first, second *local.Engine // second has a handle of its own
	worker        *local.Engine // that works, with a handle of its own; nil: none does
}

func newScene(t *testing.T, o opening) *scene {
	s := &scene{office: newOffice(), open: o.new(t)}
	s.journal = s.open()
	s.first, s.second = newEngine(s.journal, s.office), newEngine(s.open(), s.office)
	return s
}

// works has an engine of its own take up the runs of these flows.
func (s *scene) works(t *testing.T, flows []pawl.Flow) {
	s.worker = newEngine(s.open(), s.office, flows...)
	done := make(chan error, 1)
	go func() { done <- s.worker.Work(t.Context(), nil) }()
	t.Cleanup(func() {
		s.worker.Close(context.WithoutCancel(t.Context()))
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// sampled reports whether a cell whose coordinates have this sum is played: with
// -short every fifth is, which is each place in each way, and half of them on a disk.
func (o opening) sampled(sum int) bool {
	every := 5
	if o.name != "memory" {
		every = 10
	}
	return !testing.Short() || sum%every == 0
}

// TestMatrixOfWays: wherever a run stands still, and whichever way the decision
// takes, it reaches the step that asked and no other, once, and what was finished
// is not executed again.
func TestMatrixOfWays(t *testing.T) {
	for _, o := range openings {
		for i, w := range ways {
			t.Run(o.name+" "+w.name, func(t *testing.T) {
				s := newScene(t, o)
				var cells []matrixCase
				var flows []pawl.Flow
				for n, p := range places {
					for m, k := range blockings {
						if o.sampled(n + m + i) {
							c := matrixCase{place: p, blocking: k, beside: w.beside, office: s.office}
							cells, flows = append(cells, c), append(flows, c.flow("A"))
						}
					}
				}
				if w.name == "another process works" {
					s.works(t, flows)
				}
				s.second = newEngine(s.open(), s.office, flows...)
				var all sync.WaitGroup // more than processors: they wait for each other
				for _, c := range cells {
					all.Go(func() { t.Run(c.name(), func(t *testing.T) { w.play(t, c, s) }) })
				}
				all.Wait()
			})
		}
	}
}
