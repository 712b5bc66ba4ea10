package shape_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/support"
	"github.com/pawlrun/pawl/internal/shape"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

func infos() []pawl.FlowInfo {
	var all []pawl.FlowInfo
	for _, f := range flows.All() {
		all = append(all, f.Describe())
	}
	return all
}

// words are a shape in a line a node.
func words(s *shape.Shape) string {
	var b strings.Builder
	var list func(nodes []*shape.Node, indent string)
	list = func(nodes []*shape.Node, indent string) {
		for _, n := range nodes {
			what := string(n.Type)
			if n.Kind != "" {
				what = string(n.Kind)
			}
			fmt.Fprintf(&b, "%s%s %s", indent, what, n.Text)
			if n.Key != "" && n.Key != n.Text {
				fmt.Fprintf(&b, " (%s)", n.Key)
			}
			if n.Prompt != "" {
				fmt.Fprintf(&b, " with %s", n.Prompt)
			}
			if n.Purpose != "" {
				fmt.Fprintf(&b, ": %s", n.Purpose)
			}
			fmt.Fprintln(&b)
			list(n.Nodes, indent+"  ")
		}
	}
	list(s.Nodes, "")
	return b.String()
}

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with the file that holds the right one.
func golden(t *testing.T, file, got string) {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is otherwise; go test ./internal/shape -update writes it anew:\n%s", file, cmp.Diff(string(want), got))
	}
}

// The built-in flows in words: what each may do, in the order of its code.
func TestBuiltIn(t *testing.T) {
	for _, f := range flows.All() {
		s := shape.OfSource(f.Describe(), infos())
		if s == nil || !s.Whole {
			t.Fatalf("%s is not read whole: %v", f.Name(), s)
		}
		golden(t, f.Name()+".txt", words(s))
	}
}

// read returns the shape of flow "x" in a file.
func read(t *testing.T, body string) *shape.Shape {
	t.Helper()
	return readFiles(t, map[string]string{"flow.go": `package x
import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/pattern"
	"elsewhere.example/tools"
)
var Flow = pawl.New("x", "X.", flow)
` + body})
}

func readFiles(t *testing.T, files map[string]string) *shape.Shape {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return shape.OfSource(pawl.FlowInfo{Name: "x", Sources: fsys}, nil)
}

func TestCode(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"in order, where arguments come before the call", `
func flow(r *pawl.Run, in int) (int, error) {
	return pawl.Do(r, "last", pawl.Ask(r, "middle", ask(pawl.Do(r, "first", in, f))), f), nil
}`, "do first\nask middle\ndo last\n"},
		{"a guard makes what is behind it a case", `
func flow(r *pawl.Run, in int) (int, error) {
	if !ready(in) {
		return 0, nil
	}
	x, err := pawl.TryDo(r, "one", in, f)
	if err != nil {
		return 0, err
	}
	return pawl.Do(r, "two", x, f), nil
}`, "choice \n  case if ready(in)\n    do one\n    do two\n"},
		{"loops", `
func flow(r *pawl.Run, in []int) (int, error) {
	for range 3 {
		pawl.Sleep(r, "pause", 1)
	}
	for i := 0; i < 3; i++ {
		pawl.Do(r, "a", i, f)
	}
	for _, x := range in {
		if x > 1 {
			continue
		}
		pawl.Do(r, "b", x, f)
	}
	for {
		if pawl.Input[bool](r, "more", "More?") {
			break
		}
	}
	return 0, nil
}`, `loop 3 times
  sleep pause
loop while i < 3
  do a
loop for each of in
  choice 
    case unless x > 1
      do b
loop again and again
  input more: More?
`},
		{"names that are put together", `
const base = "check"
func flow(r *pawl.Run, in int) (int, error) {
	for _, kind := range kinds() {
		pawl.Do(r, base+"-"+kind, in, f)
	}
	two(r, "left")
	two(r, "right")
	return 0, nil
}
func two(r *pawl.Run, side string) { pawl.Do(r, side+"-up", 0, f); pawl.Do(r, side+"-down", 0, f) }`, `loop for each of kinds()
  do check-*
do left-up
do left-down
do right-up
do right-down
`},
		{"methods, closures in variables and functions that call themselves", `
type desk struct{ n int }
func (d desk) ask(r *pawl.Run) { pawl.Ask(r, "ask", q) }
func flow(r *pawl.Run, in int) (int, error) {
	step := func(name string) { pawl.Do(r, name, in, f) }
	step("one")
	desk{1}.ask(r)
	return down(r, in), nil
}
func down(r *pawl.Run, n int) int {
	if n > 0 {
		pawl.Do(r, "deeper", n, f)
		return down(r, n-1)
	}
	return pawl.Do(r, "bottom", n, f)
}`, `do one
ask ask
choice 
  case if n > 0
    do deeper
    again down
  case otherwise
    do bottom
`},
		{"what is elsewhere is not hidden", `
func flow(r *pawl.Run, in int) (int, error) {
	r.Note("said")
	tools.Prepare(in)
	tools.Work(r, in)
	tools.Twice(func() { pawl.Do(r, "inside", in, f) })
	return 0, nil
}`, "opaque tools.Work\nopaque tools.Twice\n  do inside\n"},
		{"scopes in one another, and a guard with its checks", `
func flow(r *pawl.Run, in []int) (int, error) {
	pawl.Map(r, "items", in, func(r *pawl.Run, x int) (int, error) {
		pawl.Parallel(r, "both", pawl.Go("a", one), pawl.Go("b", func(r *pawl.Run) error { pawl.Do(r, "y", x, f); return nil }))
		return 0, nil
	})
	pattern.Guard(r, "guard", func(r *pawl.Run) (int, error) { return pawl.Do(r, "answer", in, f), nil },
		pattern.Check{Name: "tone", May: func(r *pawl.Run) (pattern.Verdict, error) { return pawl.Ask(r, "judge", q), nil }})
	return 0, nil
}
func one(r *pawl.Run) error { pawl.Approve(r, "x", 1, "Go on?"); return nil }`, `map items
  parallel both (items[]/both)
    branch a (items[]/both/a)
      approve x (items[]/both/a/x): Go on?
    branch b (items[]/both/b)
      do y (items[]/both/b/y)
group guard
  parallel guard
    branch answer (guard/answer)
      do answer (guard/answer/answer)
    branch tone (guard/tone)
      ask judge (guard/tone/judge)
`},
		{"a switch, and a case that does nothing", `
func flow(r *pawl.Run, in string) (int, error) {
	switch in {
	case "a", "b":
		pawl.Do(r, "ab", in, f)
	case "c":
	default:
		pawl.Await[int](r, "paid")
	}
	if in == "z" {
		pawl.Do(r, "z", in, f)
	} else if in == "y" {
		pawl.Do(r, "y", in, f)
	} else {
		note()
	}
	return 0, nil
}`, `choice 
  case if in is "a" or "b"
    do ab
  case otherwise
    await paid
choice 
  case if in == "z"
    do z
  case else if in == "y"
    do y
`},
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

// Code that would be read for ever, or is larger than anybody looks at, is cut, and says so.
func TestLargeCode(t *testing.T) {
	var b strings.Builder
	b.WriteString("func flow(r *pawl.Run, in int) (int, error) { f0(r); return 0, nil }\n")
	for i := range 40 {
		fmt.Fprintf(&b, "func f%d(r *pawl.Run) { f%d(r); f%d(r) }\n", i, i+1, i+1)
	}
	b.WriteString("func f40(r *pawl.Run) { pawl.Do(r, \"x\", 0, f) }\n")
	s := read(t, b.String())
	if s == nil || s.Whole {
		t.Fatalf("2^40 calls: %v", s)
	}
}

// A flow whose code is not there, does not parse or does not make it has no shape.
func TestNoCode(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"none":             {},
		"not Go":           {"flow.go": "a plan"},
		"another flow":     {"flow.go": "package x\nimport \"github.com/pawlrun/pawl\"\nvar F = pawl.New(\"y\", \"\", f)\nfunc f(r *pawl.Run, in int) (int, error) { return 0, nil }"},
		"an unknown body":  {"flow.go": "package x\nimport \"github.com/pawlrun/pawl\"\nvar F = pawl.New(\"x\", \"\", made())"},
		"half a statement": {"flow.go": "package x\nimport \"github.com/pawlrun/pawl\"\nvar F = pawl.New(\"x\")"},
		"only a test":      {"flow_test.go": "package x\nimport \"github.com/pawlrun/pawl\"\nvar F = pawl.New(\"x\", \"\", f)\nfunc f(r *pawl.Run, in int) (int, error) { return 0, nil }"},
	} {
		if s := readFiles(t, files); s != nil {
			t.Errorf("%s: has the shape\n%s", name, words(s))
		}
	}
}

// seen are the marks of a run in words, a node a line.
func seen(s *shape.Shape) string {
	var b strings.Builder
	s.Walk(func(n *shape.Node) {
		if n.Seen != nil {
			file, _, _ := strings.Cut(n.Source, ":")
			fmt.Fprintf(&b, "%s %s: %d of %d done, %v\n", file, n.Key, n.Seen.Done, n.Seen.Steps, n.Seen.Keys)
		}
	})
	return b.String()
}

// turnsDown is the stand-in, which turns the first draft down.
type turnsDown struct{ offline.Model }

func (m turnsDown) Generate(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
	req.Model = "?reject=1"
	return m.Model.Generate(ctx, req, stream)
}

// The steps of a run are counted where they are of, also where the same question stands in
// the code twice, and by the same helper.
func TestMark(t *testing.T) {
	ran := pawltest.Run(t, article.Flow, article.Input{Topic: "Tides", MaxRevisions: 2}, turnsDown{}).Done()
	s := shape.OfSource(article.Flow.Describe(), nil)
	s.Mark(ran.RunRecord)
	golden(t, "article_run.txt", seen(s))

	bare := shape.OfRun(ran.RunRecord)
	golden(t, "article_only_run.txt", words(bare)+seen(bare))
}

// What is called in two places counts in the one where it was called, with all that is in it.
func TestMarkOfWhatIsCalledTwice(t *testing.T) {
	s := shape.OfSource(support.Flow.Describe(), nil)
	s.Mark(pawl.RunRecord{Steps: []pawl.StepRecord{
		{Key: "route", Kind: pawl.KindAsk}, {Key: "person", Kind: pawl.KindInput}, {Key: "billing", Kind: pawl.KindCall}, {Key: "billing/claim", Kind: pawl.KindAsk},
	}})
	var counted []bool
	s.Walk(func(n *shape.Node) {
		if n.Key == "billing" || n.Key == "billing/claim" {
			counted = append(counted, n.Seen != nil)
		}
	})
	if want := []bool{false, false, true, true}; !slices.Equal(counted, want) {
		t.Errorf("counts billing and its claim in two places: %v, want %v", counted, want)
	}
	s.Mark(pawl.RunRecord{Steps: []pawl.StepRecord{{Key: "/"}, {Key: "//x"}, {Key: ""}}}) // ends
}

// Of a run alone scopes are made from keys, and items and repeats are one.
func TestOfRun(t *testing.T) {
	rec := pawl.RunRecord{ID: "r", Flow: "x"}
	for _, step := range []struct {
		key  pawl.Key
		kind pawl.Kind
		is   pawl.StepStatus
	}{
		{"plan", pawl.KindAsk, pawl.StepDone},
		{"parts", pawl.KindMap, pawl.StepWaiting},
		{"parts[0]/write", pawl.KindAsk, pawl.StepDone},
		{"parts[=a%2Fb]/write", pawl.KindAsk, pawl.StepFailed},
		{"parts[0]/write#2", pawl.KindAsk, pawl.StepReused},
		{"parts[0]/both", pawl.KindParallel, pawl.StepDone},
		{"parts[0]/both/left/look", pawl.KindDo, pawl.StepDone},
		{"parts[1]/both#2/left/look#3", pawl.KindDo, pawl.StepRunning},
		{"desk", pawl.KindCall, pawl.StepDone},
		{"desk/answer", pawl.KindInput, pawl.StepWaiting},
	} {
		rec.Steps = append(rec.Steps, pawl.StepRecord{Key: step.key, Kind: step.kind, Boundary: pawl.BoundaryOf(step.kind), Status: step.is})
	}
	s := shape.OfRun(rec)
	want := `ask plan
map parts
  ask write (parts[]/write)
  parallel both (parts[]/both)
    branch left (parts[]/both/left)
      do look (parts[]/both/left/look)
call desk
  input answer (desk/answer)
 plan: 1 of 1 done, [plan]
 parts: 0 of 1 done, [parts]
 parts[]/write: 2 of 3 done, [parts[=a%2Fb]/write parts[0]/write parts[0]/write#2]
 parts[]/both: 1 of 1 done, [parts[0]/both]
 parts[]/both/left/look: 1 of 2 done, [parts[1]/both#2/left/look#3 parts[0]/both/left/look]
 desk: 1 of 1 done, [desk]
 desk/answer: 0 of 1 done, [desk/answer]
`
	if diff := cmp.Diff(want, words(s)+seen(s)); diff != "" {
		t.Error(diff)
	}
}

// A step whose name is only known when it runs is counted where such names are made, and one
// of no node at all is not lost.
func TestMarkNames(t *testing.T) {
	s := read(t, `
func flow(r *pawl.Run, in int) (int, error) {
	for _, kind := range kinds() {
		pawl.Do(r, "check-"+kind+"-now", in, f)
	}
	return 0, nil
}`)
	s.Mark(pawl.RunRecord{Steps: []pawl.StepRecord{{Key: "check-tone-now", Status: pawl.StepDone}, {Key: "check-tone/x-now"}, {Key: "check-now"}, {Key: "other", Kind: pawl.KindAsk}}})
	want := "flow.go check-*-now: 1 of 1 done, [check-tone-now]\n check-tone/x-now: 0 of 1 done, [check-tone/x-now]\n check-now: 0 of 1 done, [check-now]\n other: 0 of 1 done, [other]\n"
	if diff := cmp.Diff(want, seen(s)); diff != "" {
		t.Error(diff)
	}
}
