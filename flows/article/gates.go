package article

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl/flows/internal/prose"
)

const (
	minSections, maxSections = 3, 5
	maxNameWords             = 10
	minWords, maxWords       = 250, 400
)

func shortNames(o Outline) error {
	for i, name := range o.Sections {
		switch n := prose.Words(name); {
		case n == 0:
			return fmt.Errorf("section %d has no name", i+1)
		case n > maxNameWords:
			return fmt.Errorf("the name of section %d has %d words, wants at most %d", i+1, n, maxNameWords)
		}
	}
	return nil
}

func length(draft string) error { return prose.WordsBetween(draft, minWords, maxWords) }

func headings(draft string) error {
	for _, p := range passages(draft) {
		if p.heading != "" {
			return nil
		}
	}
	return errors.New("has no Markdown headings, wants one for each section of the outline")
}

// conclusion looks for a passage that is headed as the conclusion, or for a
// last passage that says that it concludes.
func conclusion(draft string) error {
	all := passages(draft)
	for i, p := range all {
		last := i == len(all)-1
		if prose.Words(p.text) > 0 && (concludes(p.heading) || last && concludes(p.text)) {
			return nil
		}
	}
	return errors.New(`has no conclusion, wants a last section with text under the heading "Conclusion"`)
}

func concludes(s string) bool { return strings.Contains(strings.ToLower(s), "conclu") }

func issuesUnlessApproved(r Review) error {
	if r.Approved {
		return nil
	}
	for _, issue := range r.Issues {
		if !prose.Blank(issue) {
			return nil
		}
	}
	return errors.New("is not approved but names no issue, wants at least 1 issue")
}

// passage is a heading and the text up to the next one.
type passage struct{ heading, text string }

// passages cuts a text at its Markdown headings. The first one has no heading
// if text stands before it.
func passages(draft string) []passage {
	all := []passage{{}}
	fenced := false
	for line := range strings.Lines(draft) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "```") {
			fenced = !fenced
		}
		title := strings.TrimLeft(trimmed, "#")
		if level := len(trimmed) - len(title); !fenced && level >= 1 && level <= 6 && strings.HasPrefix(title, " ") {
			all = append(all, passage{heading: strings.TrimSpace(title)})
			continue
		}
		all[len(all)-1].text += line
	}
	return all
}
