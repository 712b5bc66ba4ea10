package offline

import (
	"slices"
	"strings"

	"github.com/pawlrun/pawl/llm"
)

// source says who wrote a line.
type source int

const (
	fromSystem source = iota
	fromUser
	fromComplaint // a user's answer to an earlier answer
)

// region says how likely a line is to be an instruction.
type region int

const (
	material region = iota // quoted, labelled or tagged: what the request is about
	loose                  // follows a label or an introduction; may be either
	authored               // nothing speaks against an instruction
)

// line is one line of the prompt that is not blank.
type line struct {
	text   string
	label  string // lower case, of "Label: value"; empty if there is none
	value  string // what follows the label
	source source
	region region
	msg    int  // index of its message
	head   bool // a Markdown heading
	item   bool // a list item
	first  bool // opens a run of list items
	inner  bool // stands within a block that may be material
}

// prompt is what can be read from a request's messages.
type prompt struct {
	lines    []line
	amounts  []amount // of all lines, the weightiest first
	subject  string   // as it stands in the prompt, if it is marked as such
	topic    string   // a phrase fit for a heading
	keys     []string // words that matter, the weightiest first
	material int      // words in the user's messages
	seed     seed
}

// readPrompt reads messages. What follows an answer is a complaint about it
// unless it reads like a new request.
func readPrompt(messages []llm.Message) *prompt {
	p := &prompt{}
	h := uint64(hashStart)
	answered := slices.IndexFunc(messages, func(m llm.Message) bool { return m.Role == llm.RoleAssistant })
	for i, m := range messages {
		text := strings.ToValidUTF8(m.Text(), "")
		src := fromUser
		switch {
		case m.Role == llm.RoleAssistant:
			continue
		case m.Role == llm.RoleSystem:
			src = fromSystem
		case answered > 0 && i > answered && complains(text):
			src = fromComplaint
		}
		if src != fromComplaint {
			h = hash(hash(hash(h, string(m.Role)), "\x00"), text)
		}
		if src == fromUser {
			p.material += countWords(text)
		}
		from := len(p.lines)
		p.read(text, src)
		for n := from; n < len(p.lines); n++ {
			p.lines[n].msg = i
		}
	}
	p.seed = seed(h)
	p.findTopic()
	p.findAmounts()
	return p
}

// read classifies the lines of one message.
func (p *prompt) read(text string, src source) {
	var fenced, listing bool
	tag := ""
	after := authored // region of the lines until the next blank line
	waiting := false  // after was set by a line whose material has not begun
	rest := text
	for raw := range strings.Lines(text) {
		rest = rest[len(raw):]
		s := strings.TrimSpace(raw)
		if s == "" {
			if !waiting {
				after = authored
			}
			continue
		}
		l := line{text: s, source: src, region: after, inner: after == loose}
		waiting = false
		switch {
		case strings.HasPrefix(s, "```") && (fenced || strings.Contains(rest, "\n```")):
			fenced = !fenced
			continue
		case fenced:
			l.region = material
		case tag != "":
			l.region = material
			if strings.Contains(s, "</"+tag+">") {
				tag = ""
			}
		case opened(s, rest) != "":
			name := opened(s, rest)
			inner := s[len(name)+2:]
			end := strings.Index(inner, "</"+name+">")
			if end < 0 {
				tag, end = name, len(inner)
			}
			l.label, l.value, l.region = words(name), strings.TrimSpace(inner[:end]), material
		case s[0] == '>' || s[0] == '{' || s[0] == '[' || s[0] == '}' || s[0] == ']':
			l.region = material
		default:
			bare, head, item := unmark(s)
			l.head, l.item, l.first = head, item, item && !listing
			listing = item
			if head {
				l.value = bare
				after = authored
				if topical[words(bare)] {
					after, waiting = loose, true
				}
				break
			}
			l.label, l.value = splitLabel(bare)
			switch {
			case l.label == "" && strings.HasSuffix(bare, ":") && !item:
				after, waiting = loose, true
			case l.label == "" || instructs(l.label):
			case l.value == "":
				after, waiting = loose, true
			default:
				l.region = material
				if !item {
					after = loose
				}
			}
		}
		if strings.Count(s, "\"")%2 == 1 || strings.Count(s, "“") > strings.Count(s, "”") {
			after = loose // a quotation may go on
		}
		p.lines = append(p.lines, l)
	}
}

// unmark takes the marks of a heading or list item off a line.
func unmark(s string) (rest string, head, item bool) {
	if t := strings.TrimLeft(s, "#"); len(t) < len(s) && strings.HasPrefix(t, " ") {
		return strings.Trim(t, " #*"), true, false
	}
	for _, mark := range []string{"- ", "* ", "+ ", "• "} {
		if t, ok := strings.CutPrefix(s, mark); ok {
			return strings.TrimSpace(t), false, true
		}
	}
	if t := strings.TrimLeft(s, "0123456789"); len(t) < len(s) {
		if u, ok := cutAny(t, ". ", ") "); ok {
			return strings.TrimSpace(u), false, true
		}
	}
	return s, false, false
}

// splitLabel cuts "Label: value". A label has up to four words and no other
// marks than those of emphasis.
func splitLabel(s string) (label, value string) {
	i := strings.IndexAny(s, ":：")
	if i <= 0 || i > 60 {
		return "", ""
	}
	label = strings.Trim(s[:i], "*_` \"")
	value, _ = cutAny(s[i:], ":", "：")
	if strings.HasPrefix(value, "//") || label == "" {
		return "", ""
	}
	for _, r := range label {
		if r != ' ' && r != '_' && r != '-' && !wordRune(r) {
			return "", ""
		}
	}
	label = words(label)
	if strings.Count(label, " ") > 3 {
		return "", ""
	}
	return label, strings.Trim(value, "*_ \t")
}

func cutAny(s string, prefixes ...string) (string, bool) {
	for _, p := range prefixes {
		if t, ok := strings.CutPrefix(s, p); ok {
			return t, true
		}
	}
	return s, false
}

// opened returns the name of a tag that opens line s and is closed in s or in
// the rest of the message.
func opened(s, rest string) string {
	if s[0] != '<' {
		return ""
	}
	i := strings.IndexByte(s, '>')
	if i < 2 || i > 40 {
		return ""
	}
	for _, r := range s[1:i] {
		if r != '_' && r != '-' && !wordRune(r) {
			return ""
		}
	}
	name := s[1:i]
	if end := "</" + name + ">"; !strings.Contains(s, end) && !strings.Contains(rest, end) {
		return ""
	}
	return name
}

// instructions yields the text of the lines that may instruct, in lower case and
// without what they quote.
func (p *prompt) instructions(yield func(string) bool) {
	for i := range p.lines {
		l := &p.lines[i]
		if l.region != authored || l.source == fromComplaint {
			continue
		}
		var b strings.Builder
		at := 0
		for _, m := range p.masks(l.text) {
			b.WriteString(l.text[at:m[0]])
			at = m[1]
		}
		b.WriteString(l.text[at:])
		if !yield(strings.ToLower(b.String())) {
			return
		}
	}
}

// says reports whether the instructions contain a word with one of the
// beginnings.
func (p *prompt) says(beginnings ...string) bool {
	for s := range p.instructions {
		for w := range fields(s) {
			for _, b := range beginnings {
				if strings.HasPrefix(w, b) {
					return true
				}
			}
		}
	}
	return false
}

// labelled returns the value of the last line whose label is name.
func (p *prompt) labelled(name string) string {
	for i := len(p.lines) - 1; i >= 0; i-- {
		l := &p.lines[i]
		if l.label == name && l.value != "" && l.source == fromUser {
			return l.value
		}
	}
	return ""
}
