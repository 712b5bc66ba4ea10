package pawl_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// Everything below the prompts, which name their types, is inferred. It is
// enough that it compiles.

var inferP = pawl.MustPrompt[order, answer](fstest.MapFS{"p.md": {Data: []byte(user("{{json .}}"))}}, "p.md")

var inferFlow = pawl.New("infer", "Infers.", infer, pawl.Prompts(inferP), pawl.Example(order{Item: "pen", Count: 1, Kind: "new"}))

var otherFlow = pawl.New("other", "Is another type.", func(*pawl.Run, page) ([]string, error) { return nil, nil })

func infer(r *pawl.Run, in order) (receipt, error) {
	short := func(a answer) error { return nil }
	fetch := func(context.Context, order) (receipt, error) { return receipt{}, nil }
	each := func(r *pawl.Run, item string) (int, error) { return len(item), nil }

	q := inferP.With(in).Gate("short", short).Model("m/n").Timeout(time.Second).MaxTokens(5).AskUnknown()
	a := pawl.Ask(r, "ask", q)
	b, err := pawl.TryAsk(r, "ask", pawl.Messages[answer]("Asking", llm.User(a.Text)).Gate("short", short))
	c := pawl.Do(r, "fetch", in, fetch, pawl.Repeatable, pawl.Fresh, pawl.Purpose("Fetching"))
	d, err2 := pawl.TryDo(r, "fetch", in, fetch)
	var sum int
	for _, n := range pawl.Map(r, "each", []string{a.Text, b.Text}, each, pawl.Limit(1), pawl.Purpose("Counting")) {
		sum += n
	}
	for _, n := range pawl.TryMap(r, "each", []string{a.Text}, each) {
		sum += n.Value
	}
	pawl.Parallel(r, "both",
		pawl.Go("one", func(r *pawl.Run) error { sum += c.Total; return nil }),
		pawl.Go("two", func(r *pawl.Run) error { sum += d.Total; return nil }))
	var list []string = pawl.Call(r, "other", otherFlow, page(a))
	return receipt{Total: sum + len(list)}, fmt.Errorf("%w %w", err, err2)
}

func start(ctx context.Context, e pawl.Engine) (receipt, error) {
	h, err := pawl.Start(ctx, e, inferFlow, order{}, nil)
	if err != nil {
		return receipt{}, err
	}
	return h.Result(ctx)
}

func names(flows ...pawl.Flow) (all []string) {
	for _, f := range flows {
		all = append(all, f.Name())
	}
	return all
}

func TestFlowsOfManyTypes(t *testing.T) {
	if got := fmt.Sprint(names(inferFlow, otherFlow)); got != "[infer other]" {
		t.Error(got)
	}
	if _, err := start(t.Context(), refusing{}); err == nil {
		t.Error("no error")
	}
}

// refusing is an engine that starts nothing.
type refusing struct{ pawl.Engine }

func (refusing) Start(context.Context, pawl.Flow, json.RawMessage, *pawl.StartOptions) (pawl.RunID, error) {
	return "", pawl.ErrStopped
}

// What must not compile, does not: each line takes the place of a file that does.
func TestDoesNotCompile(t *testing.T) {
	const file = `package probe

import "github.com/pawlrun/pawl"

var p *pawl.Prompt[string, int]

func flow(r *pawl.Run, in struct{}) (string, error) {
	%s
	return "", nil
}
`
	dir := t.TempDir()
	code, overlay := filepath.Join(dir, "code.go"), filepath.Join(dir, "overlay.json")
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(root, "internal", "probe", "probe.go") // exists in the overlay alone
	names, _ := json.Marshal(map[string]any{"Replace": map[string]string{place: code}})
	if err := os.WriteFile(overlay, names, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ line, want string }{
		{`_ = p.With("x").Gate("small", func(int) error { return nil })`, ""},
		{`_ = p.With("x").Gate("small", func(string) error { return nil })`, "func(string) error"},
		{`_ = p.With(5)`, "cannot use 5"},
		{`var s string = pawl.Ask(r, "ask", p.With("x")); _ = s`, "of type int"},
		{`_ = pawl.Map(r, "m", []int{1}, func(*pawl.Run, string) (int, error) { return 0, nil })`, "func(*pawl.Run, string) (int, error)"},
		{`_ = pawl.New("f", "F.", func(*pawl.Run, struct{}) int { return 0 })`, "func(*pawl.Run, struct{}) int"},
	} {
		if err := os.WriteFile(code, fmt.Appendf(nil, file, c.line), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", overlay, "./internal/probe").CombinedOutput()
		if (err == nil) != (c.want == "") || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: got %v, want %q in\n%s", c.line, err, c.want, out)
		}
	}
}
