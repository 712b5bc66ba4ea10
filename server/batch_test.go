package server

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

// sink is an answer whose writes may have deadlines.
type sink struct{ *httptest.ResponseRecorder }

func (sink) SetWriteDeadline(time.Time) error { return nil }

// What is heard of a run is told once and in order, whatever is missing of it, comes twice
// or is of another run.
func TestRunStreamTellsEachOnce(t *testing.T) {
	j := checktest.Memory(t)
	f := pawl.New("notes", "Says much.", func(r *pawl.Run, in struct{ N int }) (int, error) {
		for i := range in.N {
			r.Note("line %d", i)
		}
		return in.N, nil
	})
	e := local.New(&local.Options{Journal: j, Flows: []pawl.Flow{f}, Models: llm.Catalog{"offline": offline.Model{}}, Model: "offline"})
	defer e.Close(t.Context())
	run, err := pawl.Start(t.Context(), e, f, struct{ N int }{600}, nil)
	if err == nil {
		_, err = run.Result(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	s := New(&Options{Engine: e, Journal: j, Flows: []pawl.Flow{f}})
	defer s.Close()
	events, err := j.Read(t.Context(), run.ID(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	first := events[0].Hash
	batchOf := func(first string, from, to int) *message {
		b := &batch{}
		for _, ev := range events[from-1 : to] {
			b.addOfRun(ev, first, tailOf(ev))
		}
		return b.message()
	}
	for name, heard := range map[string][]*message{
		"all":              {batchOf(first, 1, len(events))},
		"twice":            {batchOf(first, 1, 20), batchOf(first, 1, 20), batchOf(first, 11, 30)},
		"a gap":            {batchOf(first, 1, 5), batchOf(first, 10, 20)},
		"a gap at the end": {batchOf(first, 1, 5), batchOf(first, len(events), len(events))},
		"another run":      {batchOf(first, 1, 5), batchOf("sha256:0123456789abcdef", 6, 9)},
		"anew":             {batchOf(first, 1, 5), {event: mayBeAnew}},
	} {
		t.Run(name, func(t *testing.T) {
			to := sink{httptest.NewRecorder()}
			r := &runStream{stream: &stream{s: s, ctx: t.Context(), w: to}, id: run.ID()}
			if err := r.begin(); err != nil {
				t.Fatal(err)
			}
			for _, m := range heard {
				if _, err := r.tell(m); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.flush(); err != nil {
				t.Fatal(err)
			}
			seq, upTo := 0, int(heard[len(heard)-1].seq)
			for line := range strings.Lines(to.Body.String()) {
				if id, ok := strings.CutPrefix(line, "id: "); ok {
					if seq++; strings.TrimSpace(id) != fmt.Sprint(seq, "-", markOf(first)) {
						t.Fatalf("event %d has id %s", seq, id)
					}
				}
			}
			if seq < max(upTo, 5) {
				t.Errorf("%d events came, wants %d", seq, upTo)
			}
		})
	}
}

// What is left of a mask's place when there are too many: the others stay.
func TestMasksAreForgottenOneByOne(t *testing.T) {
	j := checktest.Memory(t)
	s := New(&Options{Engine: local.New(&local.Options{Journal: j}), Journal: j})
	h := s.hub
	h.shown = map[pawl.RunID]*shown{}
	h.pieces["heard"] = &pieces{}
	heard := h.follower("heard")
	for n := range 2 * mostShown {
		h.follower(pawl.RunID(fmt.Sprint(n)))
		if want := min(n+2, mostShown); len(h.shown) != want {
			t.Fatalf("after %d runs %d masks are kept, wants %d", n+2, len(h.shown), want)
		}
	}
	if h.follower("heard") != heard {
		t.Error("a mask is forgotten of whose run somebody hears the pieces")
	}
}

// Events of a run that change it count once for each, with the number of the last.
func TestChanges(t *testing.T) {
	var c changes
	if c.message() != nil {
		t.Error("nothing has changed, and is told")
	}
	for i, ev := range []pawl.Event{{Run: "a", Seq: 3, Type: pawl.EventIntent}, {Run: "b", Seq: 1, Type: pawl.EventCreated}, {Run: "a", Seq: 4, Type: pawl.EventAttempt}, {Run: "a", Seq: 5, Type: pawl.EventIntent}} {
		ev.Hash = "sha256:0123456789abcdef0123"
		c.addEvent(journal.Placed{Place: int64(i + 1), Event: ev})
	}
	m := c.message()
	want := "id: 4-0123456789abcdef\nevent: changed\ndata: [{\"run\":\"a\",\"seq\":5,\"types\":[\"intent\",\"attempt\"]},{\"run\":\"b\",\"seq\":1,\"types\":[\"created\"]}]\n\n"
	if string(m.text) != want || m.place != 4 {
		t.Errorf("told is %s, wants %s", m.text, want)
	}
}

// An event of a run that was removed is not told as one of the run that has its id now.
func TestEventOfARunThatIsNotThere(t *testing.T) {
	j := checktest.Memory(t)
	f := pawl.New("empty", "Does nothing.", func(*pawl.Run, struct{}) (int, error) { return 0, nil })
	e := local.New(&local.Options{Journal: j, Flows: []pawl.Flow{f}, Models: llm.Catalog{"offline": offline.Model{}}, Model: "offline"})
	defer e.Close(t.Context())
	run, err := pawl.Start(t.Context(), e, f, struct{}{}, nil)
	if err == nil {
		_, err = run.Result(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	events, err := j.Read(t.Context(), run.ID(), 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	s := New(&Options{Engine: e, Journal: j, Flows: []pawl.Flow{f}})
	defer s.Close()
	other := events[0]
	other.Hash = "sha256:0123456789abcdef"
	for _, c := range []struct {
		ev   pawl.Event
		told bool
	}{{other, false}, {events[0], true}} {
		s.hub.shown = map[pawl.RunID]*shown{}
		n := &news{Placed: journal.Placed{Place: 2, Event: c.ev}}
		if err := s.hub.make(t.Context(), n); err != nil || n.err != nil || (n.tail != nil) != c.told {
			t.Errorf("told is %q, wants any: %v; %v, %v", n.tail, c.told, err, n.err)
		}
	}
}
