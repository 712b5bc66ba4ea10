package pawl_test

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

var (
	fences   = regexp.MustCompile("(?ms)^```.*?^```$")
	spans    = regexp.MustCompile("`[^`\n]*`")
	links    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headings = regexp.MustCompile(`(?m)^#{1,6} +(.*?) *$`)
	notSlug  = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
	named    = regexp.MustCompile(`\bdocs/[a-z/-]+\.md\b`)
)

// anchors are the places in a page that a link can name, as GitHub makes them.
func anchors(text string) map[string]bool {
	seen, all := map[string]int{}, map[string]bool{}
	for _, m := range headings.FindAllStringSubmatch(fences.ReplaceAllString(text, ""), -1) {
		slug := strings.ReplaceAll(notSlug.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")
		if n := seen[slug]; n > 0 {
			all[fmt.Sprintf("%s-%d", slug, n)] = true
		} else {
			all[slug] = true
		}
		seen[slug]++
	}
	return all
}

// linked are the files that a page links to, each with the place in it.
func linked(text string) (all []string) {
	text = spans.ReplaceAllString(fences.ReplaceAllString(text, ""), "``")
	for _, m := range links.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(m[1], "://") && !strings.HasPrefix(m[1], "mailto:") {
			all = append(all, m[1])
		}
	}
	return all
}

// TestLinks: every link of a page to another place of this repository leads there.
func TestLinks(t *testing.T) {
	n := 0
	for _, page := range documents(t) {
		for _, link := range linked(read(t, page)) {
			n++
			file, anchor, _ := strings.Cut(link, "#")
			to := page
			if file != "" {
				to = path.Join(path.Dir(page), file)
			}
			switch _, err := os.Stat(to); {
			case err != nil:
				t.Errorf("%s links to %s, which is not there", page, link)
			case anchor != "" && !anchors(read(t, to))[anchor]:
				t.Errorf("%s links to %s, and there is no such heading", page, link)
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d links were found", n)
	}
}

// TestDocumentsAreReachable: from README one comes to every page by links.
func TestDocumentsAreReachable(t *testing.T) {
	seen, next := map[string]bool{"README.md": true}, []string{"README.md"}
	for len(next) > 0 {
		page := next[0]
		next = next[1:]
		for _, link := range linked(read(t, page)) {
			file, _, _ := strings.Cut(link, "#")
			if to := path.Join(path.Dir(page), file); strings.HasSuffix(to, ".md") && !seen[to] {
				seen[to], next = true, append(next, to)
			}
		}
	}
	for _, page := range documents(t) {
		if !seen[page] {
			t.Errorf("no link leads to %s; docs/README.md is the index", page)
		}
	}
}

// TestNamedDocuments: a page that code or another page names is there.
func TestNamedDocuments(t *testing.T) {
	check := func(where, text string) {
		for _, at := range named.FindAllStringIndex(text, -1) {
			name := text[at[0]:at[1]]
			if strings.HasSuffix(text[:at[0]], "/api/") {
				continue // an address of a vendor's
			}
			if _, err := os.Stat(name); err != nil {
				t.Errorf("%s names %s, which is not there", where, name)
			}
		}
	}
	for _, page := range documents(t) {
		if page != "CHANGELOG.md" { // it tells of pages as they were called then
			check(page, read(t, page))
		}
	}
	for _, s := range sources(t) {
		if s.path != "docs_test.go" {
			check(s.path, string(s.text))
		}
	}
}

// TestReadmeIsShort: it is read first, and leads elsewhere.
func TestReadmeIsShort(t *testing.T) {
	if n := strings.Count(read(t, "README.md"), "\n"); n > 150 {
		t.Errorf("README.md has %d lines, wants at most 150", n)
	}
}

// TestGlossary: every word of the records has its line.
func TestGlossary(t *testing.T) {
	text := read(t, "docs/glossary.md")
	words := regexp.MustCompile(`(?m)^\t\w+ +(Status|Kind|Boundary|BlockerKind|DecisionKind|Outcome) += "(\w+)"`)
	n := 0
	for _, file := range []string{"record.go", "host/kind.go"} {
		for _, m := range words.FindAllStringSubmatch(read(t, file), -1) {
			n++
			if !strings.Contains(text, "`"+m[2]+"`") {
				t.Errorf("docs/glossary.md does not have %s %q", m[1], m[2])
			}
		}
	}
	if n < 35 {
		t.Errorf("only %d words were found", n)
	}
}
