package drawing

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/pawlrun/pawl/internal/shape"
)

// Dot draws a shape as a graph for Graphviz.
func Dot(s *shape.Shape) string {
	g := graphOf(s)
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n  graph [fontname=\"sans-serif\"]\n  node [fontname=\"sans-serif\" style=filled]\n  edge [fontname=\"sans-serif\"]\n", dotText(s.Flow))
	fmt.Fprintf(&b, "  %s [shape=circle label=%s fillcolor=white]\n", first, dotText(s.Flow))
	dotItems(&b, g.top, "  ")
	fmt.Fprintf(&b, "  %s [shape=doublecircle label=\"\" fillcolor=white]\n", last)
	for _, e := range g.edges {
		var about []string
		if e.label != "" {
			about = append(about, "label="+dotText(e.label))
		}
		if e.back {
			about = append(about, "style=dashed", "constraint=false")
		}
		fmt.Fprintf(&b, "  %s -> %s", e.from, e.to)
		if len(about) > 0 {
			fmt.Fprintf(&b, " [%s]", strings.Join(about, " "))
		}
		b.WriteString("\n")
	}
	return b.String() + "}\n"
}

func dotItems(b *strings.Builder, items []item, indent string) {
	for _, it := range items {
		switch it.form {
		case frameForm:
			fmt.Fprintf(b, "%ssubgraph cluster_%s {\n%s  label=%s\n", indent, it.id, indent, dotText(it.label))
			dotItems(b, it.items, indent+"  ")
			fmt.Fprintf(b, "%s}\n", indent)
			continue
		case forkForm:
			fmt.Fprintf(b, "%s%s [shape=diamond width=0.3 height=0.3 label=\"\" fillcolor=white]\n", indent, it.id)
			continue
		}
		form := [3]string{"box", "oval", "hexagon"}[it.lane]
		fmt.Fprintf(b, "%s%s [shape=%s fillcolor=\"%s\" color=\"%s\" label=%s]\n", indent, it.id, form, fills[it.lane], strokes[it.lane], dotText(it.label))
	}
}

// dotText is a text in quotes. A backslash would begin an escape of Graphviz, and an ampersand
// an entity.
func dotText(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.Join(strings.Fields(s), " "))
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `&`, `&amp;`).Replace(s) + `"`
}
