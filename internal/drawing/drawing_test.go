package drawing_test

import (
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/complaint"
	"github.com/pawlrun/pawl/flows/support"
	"github.com/pawlrun/pawl/flows/write"
	"github.com/pawlrun/pawl/internal/drawing"
	"github.com/pawlrun/pawl/internal/shape"
)

var update = flag.Bool("update", false, "write the golden files anew")

func step(kind pawl.Kind, name string) *shape.Node {
	return &shape.Node{Type: shape.Step, Kind: kind, Boundary: pawl.BoundaryOf(kind), Key: name, Text: name, Source: "flow.go:7"}
}

func around(typ shape.Type, kind pawl.Kind, text string, nodes ...*shape.Node) *shape.Node {
	return &shape.Node{Type: typ, Kind: kind, Key: text, Text: text, Nodes: nodes}
}

// all has a node of each type, in each other as they come, and steps of a run.
func all() *shape.Shape {
	write := step(pawl.KindAsk, "write")
	write.Seen = &shape.Seen{Steps: 5, Done: 3, Failed: 1, Waiting: 1}
	publish := step(pawl.KindApprove, "publish")
	publish.Seen = &shape.Seen{Steps: 1, Waiting: 1}
	return &shape.Shape{Flow: "all", From: shape.FromSource, Whole: true, Nodes: []*shape.Node{
		step(pawl.KindDo, "fetch"),
		around(shape.Scope, pawl.KindMap, "sections", write, step(pawl.KindDo, "store")),
		around(shape.Group, "", "refine", around(shape.Loop, "", shape.Forever, step(pawl.KindAsk, "review"),
			around(shape.Choice, "", "", around(shape.Case, "", "unless good", step(pawl.KindAsk, "revise")), &shape.Node{Type: shape.Case, Text: shape.Otherwise, Leaves: true}))),
		around(shape.Scope, pawl.KindParallel, "checks", around(shape.Branch, "", "tone", step(pawl.KindAsk, "look")), around(shape.Branch, "", "law", step(pawl.KindInput, "ask"))),
		around(shape.Loop, "", "while more", around(shape.Choice, "", "", around(shape.Case, "", "if a", step(pawl.KindSleep, "pause")), around(shape.Case, "", "otherwise", step(pawl.KindAwait, "paid")))),
		around(shape.Scope, pawl.KindCall, "desk", step(pawl.KindAsk, "answer")),
		around(shape.Scope, pawl.KindCall, "other"),
		{Type: shape.Opaque, Text: "tools.Work"},
		{Type: shape.Again, Text: "down"},
		around(shape.Group, "", "route", step(pawl.KindAsk, "route")),
		publish,
	}}
}

// hostile has what could be markup, or steer a terminal, wherever a text stands.
func hostile() *shape.Shape {
	const bad = "a\"b<c>&d;\\N #quot; `1. x` [y](z) %%{init}%% -->|e| </svg><script>\x1b[2J\x00\u202e\n end"
	n := step(pawl.KindAsk, bad)
	n.Purpose, n.Source = bad, bad
	return &shape.Shape{Flow: bad, Whole: true, Nodes: []*shape.Node{n, around(shape.Loop, "", "while "+bad, around(shape.Choice, "", "", around(shape.Case, "", "if "+bad, step(pawl.KindInput, strings.Repeat("wide ", 100)))))}}
}

func shapes() map[string]*shape.Shape {
	list := map[string]*shape.Shape{"all": all(), "hostile": hostile(), "empty": {Flow: "empty", Whole: true}}
	var infos []pawl.FlowInfo
	flows := []pawl.Flow{article.Flow, complaint.Flow, support.Flow, support.BillingFlow, support.TechnicalFlow, support.RefundFlow, write.Flow}
	for _, f := range flows {
		infos = append(infos, f.Describe())
	}
	for _, f := range flows {
		list[f.Name()] = shape.OfSource(f.Describe(), infos)
	}
	return list
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"all", "hostile", "complaint"} {
		s := shapes()[name]
		for ext, text := range map[string]string{".svg": drawing.SVG(s), ".mmd": drawing.Mermaid(s), ".dot": drawing.Dot(s)} {
			file := filepath.Join("testdata", name+ext)
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("%s is otherwise; go test ./internal/drawing -update writes it anew, look at it then:\n%s", file, cmp.Diff(string(want), text))
			}
		}
	}
}

// The same shape is the same picture, whichever way its text came.
func TestSame(t *testing.T) {
	for name, s := range shapes() {
		again := shapes()[name]
		if drawing.SVG(s) != drawing.SVG(again) || drawing.Mermaid(s) != drawing.Mermaid(again) || drawing.Dot(s) != drawing.Dot(again) {
			t.Errorf("%s is another picture the second time", name)
		}
	}
}

type rect struct{ x, y, w, h int }

func (a rect) holds(b rect) bool {
	return a.x <= b.x && a.y <= b.y && b.x+b.w <= a.x+a.w && b.y+b.h <= a.y+a.h
}

func (a rect) meets(b rect) bool {
	return a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h
}

// Nothing lies on anything else: boxes are apart and in their lanes, frames are apart or in
// one another, links go down, and all of it is on the picture.
func TestLayout(t *testing.T) {
	for name, s := range shapes() {
		p := drawing.Layout(s)
		whole := rect{0, 0, p.Width, p.Height}
		var boxes, frames []rect
		for _, b := range p.Boxes {
			r := rect{b.X, b.Y, b.W, b.H}
			lane := p.Lanes[b.Lane]
			if !whole.holds(r) || b.X < lane.X || b.X+b.W > lane.X+lane.W {
				t.Errorf("%s: box %q at %v is not in its lane", name, b.Label, r)
			}
			for _, other := range boxes {
				if r.meets(other) {
					t.Errorf("%s: box %q lies on another", name, b.Label)
				}
			}
			boxes = append(boxes, r)
		}
		for _, f := range p.Frames {
			r := rect{f.X, f.Y, f.W, f.H}
			if !whole.holds(r) || f.H <= 0 {
				t.Errorf("%s: frame %q at %v", name, f.Label, r)
			}
			for _, other := range append(frames, boxes...) {
				if r.meets(other) && !r.holds(other) && !other.holds(r) {
					t.Errorf("%s: frame %q lies across %v", name, f.Label, other)
				}
			}
			frames = append(frames, r)
		}
		for _, l := range p.Links {
			if l.Y2 <= l.Y1 || !whole.holds(rect{min(l.X1, l.X2), l.Y1, 0, l.Y2 - l.Y1}) {
				t.Errorf("%s: link %v does not go down", name, l)
			}
			for _, b := range boxes {
				if (rect{min(l.X1, l.X2), l.Y1 + 1, max(l.X1, l.X2) - min(l.X1, l.X2) + 1, l.Y2 - l.Y1 - 2}).meets(b) {
					t.Errorf("%s: link %v crosses box %v", name, l, b)
				}
			}
		}
		if _, err := json.Marshal(p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An SVG is well-formed, runs nothing and asks nobody for anything, whatever names are in it.
func TestSVGIsSafe(t *testing.T) {
	for name, s := range shapes() {
		text := drawing.SVG(s)
		d := xml.NewDecoder(strings.NewReader(text))
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			start, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			switch start.Name.Local {
			case "svg", "title", "g", "rect", "path", "text":
			default:
				t.Errorf("%s has an element %s", name, start.Name.Local)
			}
			for _, a := range start.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Name.Local, "href") || a.Name.Local == "style" {
					t.Errorf("%s has an attribute %s", name, a.Name.Local)
				}
			}
		}
	}
}

// What a name holds is text to Mermaid and Graphviz, and never ends a line or a quotation.
func TestGraphTexts(t *testing.T) {
	for what, text := range map[string]string{"Mermaid": drawing.Mermaid(hostile()), "Dot": drawing.Dot(hostile())} {
		for i, line := range strings.Split(text, "\n") {
			if n := strings.Count(strings.ReplaceAll(strings.ReplaceAll(line, `\\`, ""), `\"`, ""), `"`); n%2 != 0 {
				t.Errorf("%s, line %d has an open quotation: %s", what, i+1, line)
			}
		}
		for _, bad := range []string{"\x1b", "\x00", "<script>"} {
			if what == "Mermaid" && strings.Contains(text, bad) {
				t.Errorf("%s holds %q", what, bad)
			}
		}
	}
}

func ExampleRows() {
	for _, r := range drawing.Rows(&shape.Shape{Nodes: []*shape.Node{step(pawl.KindAsk, "write"), around(shape.Loop, "", "while bad", step(pawl.KindAsk, "revise"))}}) {
		fmt.Println(r.Kind, r.Depth, r.Label)
	}
	// Output:
	// 0 0 write
	// 1 0 while bad
	// 0 1 revise
	// 3 0
}
