package replay_test

import (
	"slices"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
)

func TestNames(t *testing.T) {
	var root replay.Names
	for _, c := range []struct{ name, want string }{
		{"outline", "outline"}, {"review", "review"}, {"review", "review#2"}, {"outline", "outline#2"},
		{"review", "review#3"}, {"review.2", "review.2"}, {"Review", "Review"},
	} {
		if got := root.Next(c.name); string(got) != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if root.Scope() != "" {
		t.Error(root.Scope())
	}
	// A nested scope counts its own.
	in := replay.In("sections[3]")
	for _, want := range []pawl.Key{"sections[3]/write", "sections[3]/write#2", "sections[3]/write#3"} {
		if got := in.Next("write"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if in.Scope() != "sections[3]" || root.Next("write") != "write" {
		t.Error("scopes share a count")
	}
}

func TestBranch(t *testing.T) {
	for _, c := range []struct {
		fork pawl.Key
		f    host.Fork
		i    int
		want pawl.Key
	}{
		{"sections", host.Fork{Kind: pawl.KindMap, N: 20}, 13, "sections[13]"},
		{"sections#2", host.Fork{Kind: pawl.KindMap, N: 1}, 0, "sections#2[0]"},
		{"items", host.Fork{Kind: pawl.KindMap, N: 2, IDs: []string{"cat", "a%2Fb"}}, 1, "items[=a%2Fb]"},
		{"checks", host.Fork{Kind: pawl.KindParallel, Names: []string{"facts", "tone"}, N: 2}, 1, "checks/tone"},
		{"billing", host.Fork{Kind: pawl.KindCall, N: 1}, 0, "billing"},
		{"sections[2]/checks", host.Fork{Kind: pawl.KindParallel, Names: []string{"a"}, N: 1}, 0, "sections[2]/checks/a"},
	} {
		got := replay.Branch(c.fork, c.f, c.i)
		if got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		names := replay.In(got)
		if key := names.Next("step"); key != c.want+"/step" || key.Name() != "step" {
			t.Errorf("got %s", key)
		}
	}
}

func TestModelFor(t *testing.T) {
	ask := func(m string) host.Step { return host.Step{Ask: &host.AskStep{Model: m}} }
	for _, c := range []struct {
		m    replay.Model
		s    host.Step
		want string
	}{
		{replay.Model{Name: "a/run"}, ask(""), "a/run"},
		{replay.Model{Name: "a/run"}, ask("b/own"), "b/own"},
		{replay.Model{Name: "a/run", Forced: true}, ask("b/own"), "a/run"},
		{replay.Model{Name: "a/run", Forced: true}, host.Step{Do: &host.DoStep{}}, ""},
	} {
		if got := c.m.For(c.s); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.m, got, c.want)
		}
	}
}

// A renamed step has its former key in a run that knows that alone, be it by a step or by
// an event; what is known by a step counts more than what is known by an event.
func TestRenamed(t *testing.T) {
	for _, c := range []struct {
		name          string
		steps, events []pawl.Key
		want          pawl.Key
		next          pawl.Key // of another step with the new name
	}{
		{"nothing is known", nil, nil, "m/new", "m/new#2"},
		{"the old step", []pawl.Key{"m/old"}, nil, "m/old", "m/new#2"},
		{"the new step", []pawl.Key{"m/new"}, nil, "m/new", "m/new#2"},
		{"both steps", []pawl.Key{"m/old", "m/new"}, nil, "m/new", "m/new#2"},
		{"an event for the old", nil, []pawl.Key{"m/old"}, "m/old", "m/new#2"},
		{"the old step, and a later event for the new", []pawl.Key{"m/old"}, []pawl.Key{"m/old", "m/new"}, "m/old", "m/new#2"},
		{"another scope's", []pawl.Key{"old", "m/x/old"}, nil, "m/new", "m/new#2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			knows := []func(pawl.Key) bool{
				func(k pawl.Key) bool { return slices.Contains(c.steps, k) },
				func(k pawl.Key) bool { return slices.Contains(c.events, k) },
			}
			n := replay.In("m")
			if got := n.PeekRenamed("new", "old", knows...); got != c.want {
				t.Errorf("PeekRenamed gives %s, want %s", got, c.want)
			}
			if got := n.Renamed("new", "old", knows...); got != c.want {
				t.Errorf("Renamed gives %s, want %s", got, c.want)
			}
			if got := n.Next("new"); got != c.next {
				t.Errorf("the next is %s, want %s", got, c.next)
			}
		})
	}
}
