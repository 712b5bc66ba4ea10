package mcpserver

import (
	"context"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"
	"unicode"
)

// page is a page of the documentation.
type page struct {
	path     string // below the folder of the documentation
	title    string
	text     string
	sections []section
}

// section is a page's part under a heading.
type section struct {
	heading string
	text    string
	words   map[string]int // how often each word stands in it
	total   int
}

type searchDocs struct {
	Query string `json:"query" jsonschema:"A few words, as in: budget of a run." pawl:"len=1..400"`
	Limit int64  `json:"limit" jsonschema:"At most this many sections." pawl:"min=1,max=20,default=5"`
}

// found is a section that was found.
type found struct {
	Page    string `json:"page"`    // the page's title
	Heading string `json:"heading"` // of the section
	URI     string `json:"uri"`     // the resource with the whole page
	Text    string `json:"text"`    // the section; may be cut
}

func (s *Server) docsTool() {
	add(s, definition{name: "docs_search", title: "Search the documentation",
		about: "Search Pawl's documentation, which belongs to this very version: how to write and test flows, the command, budgets, webhooks, the journal. It answers with the sections that fit best."},
		func(_ context.Context, _ *call, in searchDocs) (any, error) {
			return struct {
				Sections []found `json:"sections"`
			}{search(s.pages, in.Query, int(in.Limit))}, nil
		})
}

// readPages reads the pages of Markdown in a file system, by their paths.
func readPages(docs fs.FS) (pages []page) {
	if docs == nil {
		return nil
	}
	err := fs.WalkDir(docs, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".md" {
			return err
		}
		text, err := fs.ReadFile(docs, name)
		pages = append(pages, newPage(name, string(text)))
		return err
	})
	if err != nil {
		panic("mcpserver: " + err.Error()) // they are embedded
	}
	return pages
}

func newPage(name, text string) page {
	p := page{path: name, title: name, text: text}
	var body strings.Builder
	heading, code := "", false
	end := func() {
		if strings.TrimSpace(body.String()) != "" {
			p.sections = append(p.sections, newSection(heading, body.String()))
		}
		body.Reset()
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			code = !code
		}
		if !code && strings.HasPrefix(line, "#") {
			end()
			heading = strings.TrimSpace(strings.TrimLeft(line, "#"))
			if len(p.sections) == 0 && p.title == name {
				p.title = heading
			}
			continue
		}
		body.WriteString(line)
	}
	end()
	return p
}

func newSection(heading, text string) section {
	s := section{heading: heading, text: text, words: map[string]int{}}
	for _, w := range wordsOf(text) {
		s.words[w]++
		s.total++
	}
	for _, w := range wordsOf(heading) { // which says what the rest is about
		s.words[w] += 5
		s.total++
	}
	return s
}

// fillers are words that say nothing of what a text is about.
var fillers = strings.Fields("a an and are as at be by can do does for from how i in is it my of on or that the this to what when where which with")

// wordsOf are a text's words in small letters, without fillers and the s of a plural.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
	words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(fillers, w) })
	for i, w := range words {
		if len(w) > 3 {
			words[i] = strings.TrimSuffix(w, "s")
		}
	}
	return words
}

// mostSection is how much of a section is told.
const mostSection = 4000

// search returns the sections that fit a query best, by Okapi BM25.
func search(pages []page, query string, most int) []found {
	type hit struct {
		page    page
		section section
		score   float64
	}
	var hits []hit
	total, in := 0, map[string]int{} // in how many sections a word is
	words := slices.Compact(slices.Sorted(slices.Values(wordsOf(query))))
	for _, p := range pages {
		for _, s := range p.sections {
			hits, total = append(hits, hit{page: p, section: s}), total+s.total
			for _, w := range words {
				if s.words[w] > 0 {
					in[w]++
				}
			}
		}
	}
	const k, b = 1.2, 0.75
	for i, h := range hits {
		for _, w := range words {
			n := float64(h.section.words[w])
			if n == 0 {
				continue
			}
			rare := math.Log(1 + (float64(len(hits)-in[w])+0.5)/(float64(in[w])+0.5))
			long := float64(h.section.total) * float64(len(hits)) / float64(max(total, 1))
			hits[i].score += rare * n * (k + 1) / (n + k*(1-b+b*long))
		}
	}
	hits = slices.DeleteFunc(hits, func(h hit) bool { return h.score == 0 })
	slices.SortStableFunc(hits, func(a, b hit) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	all := []found{}
	for _, h := range hits[:min(len(hits), most)] {
		all = append(all, found{h.page.title, h.section.heading, docsURI + h.page.path, cut(strings.TrimSpace(h.section.text), mostSection)})
	}
	return all
}
