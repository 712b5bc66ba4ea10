package drawing

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/shape"
)

// A name of wide characters is cut to the width of its box, not to their number.
func TestWideNamesStayInTheirBoxes(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("a", 20):       strings.Repeat("a", 20),
		strings.Repeat("a", 21):       strings.Repeat("a", 19) + "…",
		strings.Repeat("文", 10):       strings.Repeat("文", 10),
		strings.Repeat("文", 11):       strings.Repeat("文", 9) + "…",
		strings.Repeat("e\u0301", 20): strings.Repeat("e\u0301", 20), // an accent of its own takes no room
	} {
		if got := cut(text, 20); got != want {
			t.Errorf("%s is cut to %s, wants %s", text, got, want)
		}
	}
}

// What comes behind a loop is reached, also if it is not seen how the loop ends.
func TestALoopHasAnEnd(t *testing.T) {
	step := func(name string) *shape.Node {
		return &shape.Node{Type: shape.Step, Text: name, Boundary: pawl.BoundaryCode}
	}
	g := graphOf(&shape.Shape{Nodes: []*shape.Node{{Type: shape.Loop, Text: shape.Forever, Nodes: []*shape.Node{step("a")}}, step("b")}})
	reached := map[string]bool{first: true}
	for range g.edges {
		for _, e := range g.edges {
			reached[e.to] = reached[e.to] || reached[e.from]
		}
	}
	if !reached[last] {
		t.Errorf("the end is not reached by %v", g.edges)
	}
}
