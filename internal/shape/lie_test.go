package shape_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/shape"
)

// Go as people write it: each step of it stands in the shape, in its place and in its frame,
// and what cannot be followed is said.
func TestNothingIsLeftOut(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"functions in a map", `
func flow(r *pawl.Run, in string) (int, error) {
	steps := map[string]func(){"a": func() { pawl.Do(r, "one", in, f) }, "b": func() { pawl.Do(r, "two", in, f) }}
	steps[in]()
	return 0, nil
}`, "opaque steps[in]\n  do one\n  do two\n"},
		{"a function in a struct, set later", `
type desk struct{ next func() }
func flow(r *pawl.Run, in string) (int, error) {
	var d desk
	d.next = func() { pawl.Do(r, "one", in, f) }
	d.next()
	return 0, nil
}`, "do one\n"},
		{"a struct without field names", `
type pair struct{ first, second func() }
func flow(r *pawl.Run, in string) (int, error) {
	p := pair{func() { pawl.Do(r, "one", in, f) }, func() { pawl.Do(r, "two", in, f) }}
	p.second()
	return 0, nil
}`, "opaque p.second\n  do one\n  do two\n"},
		{"a struct that has the run", `
type desk struct{ r *pawl.Run }
func (d desk) ask() { pawl.Ask(d.r, "ask", q); tools.Work(d.r) }
func flow(r *pawl.Run, in string) (int, error) {
	desk{r: r}.ask()
	d := &desk{r}
	d.ask()
	tools.Look(d)
	return 0, nil
}`, "ask ask\nopaque tools.Work\nask ask\nopaque tools.Work\nopaque tools.Look\n"},
		{"a method that two types have", `
type left struct{}
type right struct{}
func (left) step(r *pawl.Run) { pawl.Do(r, "left", 0, f) }
func (right) step(r *pawl.Run) { pawl.Do(r, "right", 0, f) }
type stepper interface{ step(r *pawl.Run) }
func flow(r *pawl.Run, in string) (int, error) {
	right{}.step(r)
	(&left{}).step(r)
	pick(in).step(r)
	return 0, nil
}
func pick(in string) stepper { return choose[in] }`, "do right\ndo left\nopaque pick(in).step\n  do left\n  do right\n"},
		{"one function or another", `
func flow(r *pawl.Run, in string) (int, error) {
	step := one
	if in == "b" {
		step = two
	}
	step(r)
	pick(in)(r)
	return 0, nil
}
func pick(in string) func(*pawl.Run) {
	if in == "a" {
		return one
	}
	return two
}
func one(r *pawl.Run) { pawl.Do(r, "one", 0, f) }
func two(r *pawl.Run) { pawl.Do(r, "two", 0, f) }`, "opaque step\n  do one\n  do two\nopaque pick(in)\n  do one\n  do two\n"},
		{"one name or another", `
func flow(r *pawl.Run, in string) (int, error) {
	name := "one"
	if in == "b" {
		name = "two"
	}
	pawl.Do(r, name, 0, f)
	next := "first"
	for range 3 {
		pawl.Do(r, next, 0, f)
		next = "later"
	}
	return 0, nil
}`, "do *\nloop 3 times\n  do *\n"},
		{"named results, and a second result", `
func flow(r *pawl.Run, in string) (int, error) {
	a, b := pair(r)
	b()
	a()
	return 0, nil
}
func pair(r *pawl.Run) (a, b func()) {
	a = func() { pawl.Do(r, "a", 0, f) }
	b = func() { pawl.Do(r, "b", 0, f) }
	return
}`, "do b\ndo a\n"},
		{"defer comes last", `
func flow(r *pawl.Run, in string) (int, error) {
	defer pawl.Do(r, "closed", 0, f)
	defer func() { pawl.Do(r, "undone", 0, f) }()
	pawl.Do(r, "work", 0, f)
	return 0, nil
}`, "do work\ndo undone\ndo closed\n"},
		{"goto, and a label behind a return", `
func flow(r *pawl.Run, in string) (int, error) {
retry:
	if x := pawl.Input[string](r, "more", "More?"); x == "again" {
		goto retry
	} else if x == "stop" {
		goto out
	}
	return 0, nil
out:
	pawl.Do(r, "stopped", 0, f)
	return 0, nil
}`, "input more: More?\nchoice \n  case if x == \"again\"\n    again retry\n  case else if x == \"stop\"\n    again out\n  case otherwise\n    choice \n      case if it goes to out\n        do stopped\n"},
		{"select, and steps in cases, in a post statement and in an index", `
func flow(r *pawl.Run, in string) (int, error) {
	select {
	case <-in:
		pawl.Do(r, "got", 0, f)
	default:
		pawl.Do(r, "none", 0, f)
	}
	switch {
	case pawl.Input[bool](r, "sure", "Sure?"):
	}
	for i := 0; i < 3; i = pawl.Do(r, "next", i, f) {
		note()
	}
	m[pawl.Do(r, "key", 0, f)] = 1
	return 0, nil
}`, "choice \n  case if <-in\n    do got\n  case otherwise\n    do none\ninput sure: Sure?\nloop while i < 3\n  do next\ndo key\n"},
		{"what is behind && happens or not", `
func flow(r *pawl.Run, in string) (int, error) {
	if in == "" || pawl.Input[bool](r, "sure", "Sure?") {
		pawl.Do(r, "go", 0, f)
	}
	return 0, nil
}`, "choice \n  case unless in == \"\"\n    input sure: Sure?\nchoice \n  case if in == \"\" || pawl.Input[bool](r, \"sure\", \"Sure?\")\n    do go\n"},
		{"behind a switch of which a case returns", `
func flow(r *pawl.Run, in string) (int, error) {
	switch in {
	case "a":
		return pawl.Do(r, "a", 0, f), nil
	case "b":
		pawl.Do(r, "b", 0, f)
	}
	pawl.Do(r, "after", 0, f)
	return 0, nil
}`, "choice \n  case if in is \"a\"\n    do a\n  case otherwise\n    choice \n      case if in is \"b\"\n        do b\n    do after\n"},
		{"a function of a function within itself", `
func around(r *pawl.Run, name string, fn func()) { pawl.Do(r, name, 0, f); fn() }
func flow(r *pawl.Run, in string) (int, error) {
	around(r, "outer", func() { around(r, "inner", func() { pawl.Do(r, "work", 0, f) }) })
	return 0, nil
}`, "do outer\ndo inner\ndo work\n"},
		{"a pattern within a pattern", `
func flow(r *pawl.Run, in string) (int, error) {
	pattern.Refine(r, 2, in, func(d string) V {
		pattern.Refine(r, 1, d, func(d string) V { return pawl.Ask(r, "inner", q) }, func(d string, v V) string { return d })
		return pawl.Ask(r, "outer", q)
	}, func(d string, v V) string { return pawl.Ask(r, "revise", q) })
	return 0, nil
}`, `group refine
  loop again and again
    group refine
      loop again and again
        ask inner
    ask outer
    choice 
      case unless approved || n >= revisions
        ask revise
      case otherwise
`},
		{"a function that calls itself and has no steps", `
func fact(n int) int { if n < 2 { return 1 }; return n * fact(n-1) }
func flow(r *pawl.Run, in int) (int, error) {
	pawl.Do(r, "x", fact(in), f)
	return 0, nil
}`, "do x\n"},
		{"a map whose function is not known", `
func flow(r *pawl.Run, in []int) (int, error) {
	pawl.Map(r, "items", in, tools.Each)
	pawl.Parallel(r, "both", tools.Branches()...)
	pawl.Parallel(r, "one", pawl.Go("a", tools.A))
	return 0, nil
}`, "map items\n  opaque tools.Each\nparallel both\n  opaque tools.Branches()\nparallel one\n  branch a (one/a)\n    opaque tools.A\n"},
		{"branches by their places", `
func flow(r *pawl.Run, in []string) (int, error) {
	all := make([]pawl.Branch, len(in))
	for i, name := range in {
		all[i] = pawl.Go(name, func(r *pawl.Run) error { pawl.Do(r, "x", 0, f); return nil })
	}
	pawl.Parallel(r, "all", all...)
	return 0, nil
}`, "parallel all\n  branch * (all/*)\n    do x (all/*/x)\n"},
		{"an iterator with steps", `
func each(r *pawl.Run) func(func(int) bool) {
	return func(yield func(int) bool) {
		for pawl.Input[bool](r, "more", "More?") {
			if !yield(1) {
				return
			}
		}
	}
}
func flow(r *pawl.Run, in int) (int, error) {
	for x := range each(r) {
		pawl.Do(r, "use", x, f)
	}
	return 0, nil
}`, "loop while pawl.Input[bool](r, \"more\", \"More?\")\n  input more: More?\n  do use\n"},
		{"a type of functions, and a callback that is given the run", `
type stage func(r *pawl.Run)
func flow(r *pawl.Run, in int) (int, error) {
	s := stage(func(r *pawl.Run) { pawl.Do(r, "one", 0, f) })
	s(r)
	tools.Twice(func(r *pawl.Run) { tools.Work(r) })
	return 0, nil
}`, "do one\nopaque tools.Twice\n  opaque tools.Work\n"},
		{"a case that falls through", `
func flow(r *pawl.Run, in string) (int, error) {
	switch in {
	case "a":
		pawl.Do(r, "a", 0, f)
		fallthrough
	case "b":
		pawl.Do(r, "b", 0, f)
	}
	return 0, nil
}`, "choice \n  case if in is \"a\"\n    do a\n    do b\n  case if in is \"b\"\n    do b\n"},
		{"functions that are kept where nobody looks", `
func flow(r *pawl.Run, in string) (int, error) {
	ch := make(chan func(), 1)
	ch <- func() { pawl.Do(r, "sent", 0, f) }
	(<-ch)()
	return 0, nil
}`, "opaque <-ch\n  do sent\n"},
		{"functions that are kept where nobody can look", `
type desk struct{ steps []func() }
func (d *desk) add(f func()) { d.steps = append(d.steps, f) }
func (d *desk) run() { for _, f := range d.steps { f() } }
func flow(r *pawl.Run, in string) (int, error) {
	d := &desk{}
	d.add(func() { pawl.Do(r, "kept", 0, f) })
	d.run()
	return 0, nil
}`, "opaque func\n  do kept\n"},
		{"an element of a struct that has a function", `
type stage struct{ name string; run func(r *pawl.Run) }
func flow(r *pawl.Run, in int) (int, error) {
	work(r, stage{name: "one", run: one}, stage{name: "two", run: two})
	return 0, nil
}
func work(r *pawl.Run, stages ...stage) {
	for i, s := range stages {
		s.run(r)
		r.Note("%s", stages[i].name.Answer())
	}
}
func one(r *pawl.Run) { pawl.Do(r, "one", 0, f) }
func two(r *pawl.Run) { pawl.Do(r, "two", 0, f) }`, "do one\ndo two\n"},
		{"functions around functions", `
func around(r *pawl.Run, name string, next func()) func() {
	return func() { pawl.Do(r, name, 0, f); next() }
}
func flow(r *pawl.Run, in string) (int, error) {
	around(r, "a", around(r, "b", func() { pawl.Do(r, "c", 0, f) }))()
	return 0, nil
}`, "do a\ndo b\ndo c\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := read(t, test.body)
			if s == nil {
				t.Fatal("is not found")
			}
			if diff := cmp.Diff(test.want, words(s)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A loop that is left from an else, a case of a switch or by a label has an end, and a break
// in a switch does not leave the loop.
func TestWhatLeavesALoop(t *testing.T) {
	s := read(t, `
func flow(r *pawl.Run, in string) (int, error) {
outer:
	for {
		if ok(in) {
			break
		} else {
			pawl.Do(r, "a", 0, f)
		}
		switch in {
		case "stop":
			return 0, nil
		case "out":
			break outer
		case "b":
			if skip() {
				break
			}
			pawl.Do(r, "b", 0, f)
		}
		for {
			if next() {
				continue outer
			}
			pawl.Do(r, "c", 0, f)
		}
	}
	return 0, nil
}`)
	var leaving []string
	for _, n := range nodesOf(s) {
		if n.Leaves {
			leaving = append(leaving, n.Text)
		}
	}
	if got, want := strings.Join(leaving, "; "), `if ok(in); if in is "stop"; if in is "out"; otherwise`; got != want {
		t.Errorf("the loops are left by %s; wants %s", got, want)
	}
}

// A flow is found however pawl is imported and wherever it is made.
func TestFlowsAreFound(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a dot": {"flow.go": `package x
import . "github.com/pawlrun/pawl"
var F = New("x", "", flow)
func flow(r *Run, in int) (int, error) { return Do(r, "one", in, f), nil }`},
		"another name": {"flow.go": `package x
import p "github.com/pawlrun/pawl"
var F = p.New("x", "", flow)
func flow(r *p.Run, in int) (int, error) { return p.Do(r, "one", in, f), nil }`},
		"made by a function": {"flow.go": `package x
import "github.com/pawlrun/pawl"
func make(name string, step func(r *pawl.Run)) pawl.Flow {
	return pawl.New(name, "", func(r *pawl.Run, in int) (int, error) { step(r); return 0, nil })
}
var Y = make("y", two)
var F = make("x", one)
func one(r *pawl.Run) { pawl.Do(r, "one", 0, f) }
func two(r *pawl.Run) { pawl.Do(r, "two", 0, f) }`},
		"for another system": {"flow.go": `package x
import "github.com/pawlrun/pawl"
var F = pawl.New("x", "", flow)
func flow(r *pawl.Run, in int) (int, error) { return step(r), nil }`,
			"a.go":       "//go:build !plan9\n\npackage x\nimport \"github.com/pawlrun/pawl\"\nfunc step(r *pawl.Run) int { return pawl.Do(r, \"one\", 0, f) }",
			"b_plan9.go": "package x\nimport \"github.com/pawlrun/pawl\"\nfunc step(r *pawl.Run) int { return pawl.Do(r, \"two\", 0, f) }",
			"c.go":       "//go:build plan9\n\npackage x\nimport \"github.com/pawlrun/pawl\"\nfunc step(r *pawl.Run) int { return pawl.Do(r, \"three\", 0, f) }"},
	} {
		s := readFiles(t, files)
		if s == nil {
			t.Errorf("%s: is not found", name)
		} else if got := words(s); got != "do one\n" {
			t.Errorf("%s: is %s", name, got)
		}
	}
}

// A step is counted where it was called for, also if another place makes its name as a whole.
func TestMarkWholeNames(t *testing.T) {
	s := read(t, `
func flow(r *pawl.Run, in int) (int, error) {
	pawl.Do(r, "check-tone", in, f)
	for _, kind := range kinds() {
		pawl.Do(r, "check-"+kind, in, f)
	}
	return 0, nil
}`)
	s.Mark(pawl.RunRecord{Steps: []pawl.StepRecord{{Key: "check-tone", Source: "x/flow.go:10", Status: pawl.StepDone}, {Key: "check-tone#2", Source: "x/flow.go:12", Status: pawl.StepDone}}})
	want := "flow.go check-tone: 1 of 1 done, [check-tone]\nflow.go check-*: 1 of 1 done, [check-tone#2]\n"
	if diff := cmp.Diff(want, seen(s)); diff != "" {
		t.Error(diff)
	}
}

func nodesOf(s *shape.Shape) (all []*shape.Node) {
	s.Walk(func(n *shape.Node) { all = append(all, n) })
	return all
}
