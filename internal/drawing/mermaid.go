package drawing

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/pawlrun/pawl/internal/shape"
)

// Mermaid draws a shape as a flowchart for Mermaid, which GitHub and many editors show.
func Mermaid(s *shape.Shape) string {
	g := graphOf(s)
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	fmt.Fprintf(&b, "  %s((\"%s\"))\n", first, mermaidText(s.Flow))
	mermaidItems(&b, g.top, "  ")
	fmt.Fprintf(&b, "  %s(((\" \")))\n", last)
	for _, e := range g.edges {
		arrow := "-->"
		if e.back {
			arrow = "-.->"
		}
		if e.label != "" {
			arrow += `|"` + mermaidText(e.label) + `"|`
		}
		fmt.Fprintf(&b, "  %s %s %s\n", e.from, arrow, e.to)
	}
	for i, l := range Lanes {
		fmt.Fprintf(&b, "  classDef %s fill:%s,stroke:%s,color:#14191f\n", l, fills[i], strokes[i])
	}
	return b.String()
}

func mermaidItems(b *strings.Builder, items []item, indent string) {
	for _, it := range items {
		switch it.form {
		case frameForm:
			fmt.Fprintf(b, "%ssubgraph %s [\"%s\"]\n", indent, it.id, mermaidText(it.label))
			mermaidItems(b, it.items, indent+"  ")
			fmt.Fprintf(b, "%send\n", indent)
			continue
		case forkForm:
			fmt.Fprintf(b, "%s%s{\" \"}\n", indent, it.id)
			continue
		}
		form := [3][2]string{{"[", "]"}, {"([", "])"}, {"{{", "}}"}}[it.lane]
		fmt.Fprintf(b, "%s%s%s\"%s\"%s:::%s\n", indent, it.id, form[0], mermaidText(it.label), form[1], Lanes[it.lane])
	}
}

// mermaidText is a text in quotes: what could be markup to Mermaid (HTML, Markdown, its own
// entities) is written by its number.
func mermaidText(s string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(s), " ") {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" ,:/", r) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "#%d;", r)
	}
	return b.String()
}
