package paper

import (
	"fmt"
	"strings"
)

// Markdown returns the document as Markdown. The output stands in it as it is, so that its
// headings are the document's, and last: an open comment or fence in it hides nothing. All
// other texts are quoted.
func (p Paper) Markdown() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", inline(p.Title()))
	for _, f := range p.Facts() {
		fmt.Fprintf(&b, "- %s: %s\n", f.Name, inline(f.Value))
	}
	section(&b, "Input", fenced(p.Input()))
	b.WriteString("\n## Steps\n")
	for _, s := range p.Steps() {
		fmt.Fprintf(&b, "\n### %s\n\n%s (%s%s)\n", inline(s.Key), inline(s.Purpose), inline(s.How), inline(prefixed(", took ", s.Took)))
		for _, t := range s.Turned {
			fmt.Fprintf(&b, "- %s\n", inline(t))
		}
		if s.Result != "" {
			b.WriteString("\n" + fenced(s.Result))
		}
	}
	for i, d := range p.Decisions() {
		if i == 0 {
			b.WriteString("\n## Decisions\n\n")
		}
		fmt.Fprintf(&b, "- %s: %s\n", inline(d.Key), inline(d.What))
		if d.Value != "" {
			b.WriteString("\n" + fenced(d.Value) + "\n")
		}
	}
	for i, n := range p.Notes {
		if i == 0 {
			b.WriteString("\n## Notes\n\n")
		}
		fmt.Fprintf(&b, "- %s: %s\n", at(n.At), inline(n.Text))
	}
	if out := p.Output(); out != "" && p.Text != "" {
		fmt.Fprintf(&b, "\n---\n\n%s\n", harmless(out))
	} else {
		section(&b, "Output", fenced(out))
	}
	return []byte(b.String())
}

func section(b *strings.Builder, title, text string) {
	if text != "" {
		fmt.Fprintf(b, "\n## %s\n\n%s", title, text)
	}
}

func prefixed(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}

// fenced is a text as a block of code, whose fence is longer than any in it.
func fenced(s string) string {
	if s == "" {
		return ""
	}
	fence := "```"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + "\n" + strings.TrimRight(harmless(s), "\n") + "\n" + fence + "\n"
}

// inline is a text as a line in which nothing is markup.
func inline(s string) string {
	var b strings.Builder
	for _, r := range harmless(strings.Join(strings.Fields(s), " ")) {
		switch {
		case strings.ContainsRune("\\`*_[]<>|#", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
