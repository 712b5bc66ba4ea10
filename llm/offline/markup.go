package offline

import "strings"

// mark is what makes a line of Markdown more than plain text.
type mark int

const (
	plain mark = iota
	heading
	item
)

// unmark takes the marks of a heading or list item off a line.
func unmark(s string) (string, mark) {
	if t := strings.TrimLeft(s, "#"); len(t) < len(s) && strings.HasPrefix(t, " ") {
		return strings.Trim(t, " #*"), heading
	}
	t := strings.TrimLeft(s, "0123456789")
	marks := []string{"- ", "* ", "+ ", "• "}
	if len(t) < len(s) {
		marks = []string{". ", ") "}
	}
	for _, m := range marks {
		if u, ok := strings.CutPrefix(t, m); ok {
			return strings.TrimSpace(u), item
		}
	}
	return s, plain
}

// lead is what a list item is about: its words up to a mark.
func lead(s string) string {
	for _, end := range []string{": ", " - ", " – ", " — ", " (", ". "} {
		s, _, _ = strings.Cut(s, end)
	}
	return strings.Trim(s, " .:;*_`\"“”")
}

// splitLabel cuts "Label: value". A label has up to four words.
func splitLabel(s string) (label, value string) {
	label, value, ok := strings.Cut(s, ":")
	label = strings.Trim(label, "*_` \"")
	if !ok || len(label) > 60 || strings.HasPrefix(value, "//") || strings.ContainsFunc(label, notName) {
		return "", ""
	}
	if label = words(label); strings.Count(label, " ") > 3 {
		return "", ""
	}
	return label, strings.Trim(value, "*_ \t")
}

// notName reports whether r cannot be part of a label or of a tag's name.
func notName(r rune) bool { return r != ' ' && r != '_' && r != '-' && !wordRune(r) }

// opened returns the name and the end of a tag or fence that begins line s and
// is closed in s or in the rest of the message.
func opened(s, rest string) (name, end string) {
	if strings.HasPrefix(s, "```") && strings.Contains(rest, "\n```") {
		return "`", "```"
	}
	name, _, ok := strings.Cut(s[1:], ">")
	end = "</" + name + ">"
	if s[0] != '<' || !ok || name == "" || len(name) > 40 || strings.ContainsFunc(name, notName) || !strings.Contains(s, end) && !strings.Contains(rest, end) {
		return "", ""
	}
	return name, end
}
