package offline

import "strings"

// choices returns what "one of: red, green" offers in s, or nil.
func choices(s string) []string {
	at := indexFold(s, "one of")
	if at < 0 {
		return nil
	}
	rest := strings.TrimSpace(s[at+len("one of"):])
	rest, colon := strings.CutPrefix(rest, ":")
	if !colon {
		if i := strings.IndexByte(rest, ':'); i >= 0 && countWords(rest[:i]) <= 3 {
			rest, colon = rest[i+1:], true // "one of these names: ..."
		}
	}
	out := splitList(rest)
	if len(out) > 1 || len(out) == 1 && colon {
		return out
	}
	return nil
}

// splitList cuts "a, b or c." into its items. Items are short; longer ones mean
// that s is prose.
func splitList(s string) []string {
	for _, end := range []string{". ", "; ", "\n"} {
		s, _, _ = strings.Cut(s, end)
	}
	s = strings.TrimRight(strings.TrimSpace(s), ".;")
	s = strings.Trim(s, "[](){}")
	sep := ","
	if strings.Contains(s, "|") {
		sep = "|"
	}
	var out []string
	for part := range strings.SplitSeq(s, sep) {
		part = strings.TrimSpace(part)
		for _, word := range []string{"or ", "and "} {
			part = strings.TrimPrefix(part, word)
		}
		if sep == "," && !strings.Contains(part, "\"") {
			if a, b, ok := strings.Cut(part, " or "); ok {
				out = appendItem(out, a)
				part = b
			}
		}
		out = appendItem(out, part)
	}
	for _, item := range out {
		if countWords(item) > 8 {
			return nil
		}
	}
	return out
}

func appendItem(list []string, item string) []string {
	if item = strings.Trim(item, " \t\"'`“”*"); item != "" {
		return append(list, item)
	}
	return list
}

func indexFold(s, lower string) int {
	for i := 0; i+len(lower) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(lower)], lower) {
			return i
		}
	}
	return -1
}

// choicesFor finds a line that names the field and offers choices.
func (p *prompt) choicesFor(name string) []string {
	for i := len(p.lines) - 1; i >= 0; i-- {
		l := &p.lines[i]
		if l.source == fromComplaint || l.region == material && (l.inner || l.label != name) {
			continue
		}
		at := indexFold(l.text, "one of")
		if at < 0 || !mentions(l.text, name) || masked(p.masks(l.text), at) {
			continue
		}
		if out := choices(l.text); out != nil {
			return out
		}
		if strings.HasSuffix(l.text, ":") && i+1 < len(p.lines) && p.lines[i+1].first {
			return p.items(i + 1)
		}
	}
	return nil
}

// items returns the leads of the run of list items that begins at line i.
func (p *prompt) items(i int) []string {
	var out []string
	for n := i; n < len(p.lines) && p.lines[n].item && (n == i || !p.lines[n].first); n++ {
		if s := lead(p.lines[n].text); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// lead is what a list item is about: its words up to a mark.
func lead(s string) string {
	s, _, _ = unmark(s)
	for _, end := range []string{": ", " - ", " – ", " — ", " (", ". "} {
		s, _, _ = strings.Cut(s, end)
	}
	return strings.Trim(s, " .:;*_`\"“”")
}

// listed returns the names that the user's messages list: the parts of a plan,
// for instance. It prefers a list, then "Label: a, b, c", then headings.
func (p *prompt) listed() []string {
	for i := range p.lines {
		l := &p.lines[i]
		if l.source != fromUser || !l.first {
			continue
		}
		if out := p.items(i); areNames(out) {
			return out
		}
	}
	for i := range p.lines {
		l := &p.lines[i]
		if l.source != fromUser || topical[l.label] || l.label == "" || strings.Count(l.value, ",") < 2 {
			continue
		}
		if out := splitList(l.value); areNames(out) {
			return out
		}
	}
	var heads []string
	for i := range p.lines {
		if l := &p.lines[i]; l.source == fromUser && l.head && !topical[words(l.value)] && l.value != "" {
			heads = append(heads, l.value)
		}
	}
	if areNames(heads) {
		return heads
	}
	return nil
}

// areNames reports whether a list holds two to thirty short, distinct names.
func areNames(list []string) bool {
	if len(list) < 2 || len(list) > 30 {
		return false
	}
	seen := map[string]bool{}
	for _, s := range list {
		if countWords(s) > 8 || seen[s] || strings.Contains(s, "|") {
			return false
		}
		seen[s] = true
		for w := range fields(s) {
			if cueing[strings.ToLower(w)] && w != "plan" {
				return false
			}
			break
		}
	}
	return true
}
