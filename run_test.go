package pawl_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
)

// fakeHost is a branch of a run that has no steps.
type fakeHost struct {
	info  host.Info
	notes *[]string
}

func (h fakeHost) Step(host.Step) (json.RawMessage, error) { panic("no steps here") }
func (h fakeHost) Wait(host.Wait) (json.RawMessage, error) { panic("no waits here") }
func (h fakeHost) Callback(_, _ string) string             { panic("no callbacks here") }
func (h fakeHost) Fork(host.Fork) []error                  { panic("no scopes here") }
func (h fakeHost) Note(s string)                           { *h.notes = append(*h.notes, s) }
func (h fakeHost) Now() time.Time                          { return time.Unix(1, 0) }
func (h fakeHost) Info() host.Info                         { return h.info }

// inside calls fn with the Run of a branch.
func inside(t *testing.T, h host.Host, fn func(*pawl.Run)) {
	t.Helper()
	f := pawl.New("probe", "Probes.", func(r *pawl.Run, _ struct{}) (struct{}, error) { fn(r); return struct{}{}, nil })
	if _, err := f.Invoke(h, json.RawMessage(`{}`)); err != nil {
		t.Fatal(err)
	}
}

func TestIDAndRand(t *testing.T) {
	type got struct {
		id    string
		rand  uint64
		again bool
	}
	probe := func(info host.Info, name string) (g got) {
		inside(t, fakeHost{info: info}, func(r *pawl.Run) {
			g.id, g.rand = r.ID(name), r.Rand(name).Uint64()
			g.again = g.id == r.ID(name) && g.rand == r.Rand(name).Uint64()
		})
		return g
	}
	base := host.Info{Run: "aaaaaaaaaaaa", Flow: "f", Scope: "sections[1]", Seed: 7}
	change := func(f func(*host.Info)) host.Info { i := base; f(&i); return i }
	first := probe(base, "token")
	if !first.again || len(first.id) != 32 {
		t.Errorf("not the same twice: %+v", first)
	}
	// Frozen: a new version must continue the runs of an old one.
	if want := (got{"0483fe5237a84f4a060132d7a6c9c80f", 18039029320821796672, true}); first != want {
		t.Errorf("got %+v, want %+v", first, want)
	}
	for _, c := range []struct {
		what             string
		info             host.Info
		name             string
		sameID, sameRand bool
	}{
		{"another run with the same seed", change(func(i *host.Info) { i.Run = "bbbbbbbbbbbb" }), "token", false, true},
		{"another name", base, "tokens", false, false},
		{"another scope", change(func(i *host.Info) { i.Scope = "sections[2]" }), "token", false, false},
		{"scope and name cut elsewhere", change(func(i *host.Info) { i.Scope = "sections[1]t" }), "oken", false, false},
		{"another seed", change(func(i *host.Info) { i.Seed = 8 }), "token", true, false},
		{"another flow", change(func(i *host.Info) { i.Flow = "g" }), "token", true, true},
	} {
		g := probe(c.info, c.name)
		if (g.id == first.id) != c.sameID || (g.rand == first.rand) != c.sameRand {
			t.Errorf("%s: got %+v, first was %+v", c.what, g, first)
		}
	}
}

func TestNoteAndNow(t *testing.T) {
	var notes []string
	inside(t, fakeHost{notes: &notes}, func(r *pawl.Run) {
		r.Note("score %d%%", 80)
		if !r.Now().Equal(time.Unix(1, 0)) {
			t.Error(r.Now())
		}
	})
	if len(notes) != 1 || notes[0] != "score 80%" {
		t.Errorf("notes %q", notes)
	}
}
