package housetest_test

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows"
	"github.com/pawlrun/pawl/internal/recorded"
	"github.com/pawlrun/pawl/internal/shape"
)

// notTaken are the places of pictures that no recorded run reaches, each with its reason.
var notTaken = map[string]string{
	"headlines > unless len(lines) == 0 > judge, and not unless n == 0": "a judge is asked only if there is a line",
}

// Each place of a flow's picture is reached by a recorded run: every step, every case of a
// choice, and of what need not come (a choice without "otherwise", a loop) that it does not.
// A flow that is called is its own picture: what stands in the call is a run of it.
func TestEachBranchIsTakenByARecordedRun(t *testing.T) {
	seen := taken{t, shapes(), map[string]bool{}, map[string]bool{}}
	for dir := range folders {
		files, err := recorded.Files(path.Join("../..", dir, "testdata"))
		if err != nil || len(files) == 0 {
			t.Errorf("recorded runs of %s: %v, %v", dir, files, err)
		}
		for _, file := range files {
			run, err := recorded.Read(file)
			if err != nil {
				t.Fatal(err)
			}
			var rec pawl.RunRecord
			if err := json.Unmarshal(run.Record, &rec); err != nil {
				t.Fatal(err)
			}
			seen.run(rec)
		}
	}
	for place := range seen.all {
		if !seen.reached[place] && notTaken[place] == "" {
			t.Errorf("no recorded run takes %s", place)
		}
		if seen.reached[place] && notTaken[place] != "" {
			t.Errorf("%s is taken now: take it off the list", place)
		}
	}
	for name := range seen.pictures {
		if !seen.all[name] {
			t.Errorf("no recorded run has flow %s", name)
		}
	}
}

// taken are the places of all pictures, and those that runs have reached.
type taken struct {
	t            testing.TB
	pictures     map[string]*shape.Shape
	all, reached map[string]bool
}

// run lays a run over its flow's picture, and each call in it over that of the flow which is
// called.
func (k *taken) run(rec pawl.RunRecord) {
	for i := range rec.Steps {
		rec.Steps[i].Source = "" // lines move while the steps stay
	}
	s := k.pictures[rec.Flow]
	s.Walk(func(n *shape.Node) { n.Seen = nil })
	whole := len(s.Nodes)
	if s.Mark(rec); len(s.Nodes) > whole {
		k.t.Errorf("%s in run %s has no place in the picture of %s", s.Nodes[whole].Key, rec.ID, rec.Flow)
		s.Nodes = s.Nodes[:whole]
	}
	k.note(rec.Flow, true)
	k.nodes(rec.Flow, s.Nodes, rec.Error == nil || rec.Error.Step == "") // else it stopped on the way
	for _, call := range rec.Steps {
		flow := called(call)
		if flow == "" {
			continue
		}
		inner := pawl.RunRecord{ID: rec.ID, Flow: flow, Error: rec.Error}
		for _, step := range rec.Steps {
			if key, ok := strings.CutPrefix(string(step.Key), string(call.Key)+"/"); ok {
				step.Key = pawl.Key(key)
				inner.Steps = append(inner.Steps, step)
			}
		}
		k.run(inner)
	}
}

// called returns the name of the flow that a step calls, which has its purpose; empty: it calls
// none.
func called(step pawl.StepRecord) string {
	for _, f := range flows.All() {
		if step.Kind == pawl.KindCall && step.Purpose == f.Describe().Purpose {
			return f.Name()
		}
	}
	return ""
}

// nodes notes the places of nodes that stand one after another. through says that the run has
// reached what is around them, and left it again.
func (k *taken) nodes(in string, nodes []*shape.Node, through bool) {
	for _, n := range nodes {
		place, reached := in+" > "+n.Text, happened(n)
		mayNot := "" // come at all
		switch n.Type {
		case shape.Choice: // its cases are the places
			place = in
			if last := n.Nodes[len(n.Nodes)-1]; last.Text != shape.Otherwise || len(last.Nodes) == 0 {
				mayNot = n.Nodes[0].Text
			}
		case shape.Loop:
			if n.Text != shape.Forever {
				mayNot = n.Text
			}
		}
		if place != in && (n.Type != shape.Case || len(n.Nodes) > 0) {
			k.note(place, reached)
		}
		if mayNot != "" {
			k.note(in+", and not "+mayNot, through && !reached)
		}
		if n.Kind != pawl.KindCall {
			k.nodes(place, n.Nodes, through && reached)
		}
	}
}

// happened reports whether a step of a node was executed, or of one in it.
func happened(n *shape.Node) bool {
	return n.Seen != nil || slices.ContainsFunc(n.Nodes, happened)
}

func (k *taken) note(place string, reached bool) {
	k.all[place] = true
	k.reached[place] = k.reached[place] || reached
}
