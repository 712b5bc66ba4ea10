package offline

import (
	"slices"
	"strings"

	"github.com/pawlrun/pawl/internal/late"
	"github.com/pawlrun/pawl/llm"
)

// prompt is what can be read from a request.
type prompt struct {
	gates        []string
	complaints   []string
	instructions []instruction
	labels       map[string]string // what users' lines say after a label or in a tag, the last of each
	list         []string          // the first list of names that a user gives
	text         string            // all that users wrote
	bounds       []bound           // of complaints, gates and instructions, the weightiest first
	doubtful     []bound           // of what stands after labels; they count if there are no others
	topic        string            // a phrase fit for a heading
	keys         []string          // words that matter, the weightiest first
	seed         seed
}

// instruction is a line that may say what the answer is to be like. What is
// quoted, labelled or tagged is material.
type instruction struct {
	text string // as it stands
	own  string // in lower case, without what it quotes
	user bool
}

// readPrompt reads a request. What follows an answer is a complaint about it
// unless it reads like a new request.
func readPrompt(req llm.Request) *prompt {
	p := &prompt{gates: req.Meta.Gates, labels: map[string]string{}}
	h := uint64(hashStart)
	answered := false
	for _, m := range req.Messages {
		text := strings.ToValidUTF8(m.Text(), "")
		switch {
		case m.Role == llm.RoleAssistant:
			answered = true
			continue
		case answered && hasWord(text, complaining):
			p.bounds = append(p.bounds, slices.DeleteFunc(readBounds(text), func(b bound) bool { return !b.wanted })...)
			p.complaints = append(p.complaints, strings.Split(text, "\n")...)
			continue
		case m.Role == llm.RoleUser:
			p.text += text + "\n"
		}
		h = hash(hash(hash(h, string(m.Role)), "\x00"), text)
		p.read(text, m.Role == llm.RoleUser)
	}
	p.seed = seed(h)
	for _, gate := range p.gates {
		p.bounds = append(p.bounds, readBounds(gate)...)
	}
	for i := len(p.instructions) - 1; i >= 0; i-- { // the last word counts most
		p.bounds = append(p.bounds, readBounds(p.instructions[i].own)...)
	}
	if len(p.bounds) == 0 {
		p.bounds = p.doubtful
	}
	p.findTopic()
	return p
}

// quotation is a quoted part of a line.
var quotation = late.Regexp("\"[^\"]*\"|“[^”]*”|«[^»]*»|„[^”“]*[”“]|`[^`]*`")

// States of a block of material: from its announcement to the first blank line
// after it has begun.
const (
	none = iota
	waiting
	begun
)

// read sorts the lines of one message.
func (p *prompt) read(text string, user bool) {
	var run []string
	closing := "" // ends the tag or fence that is open
	label := ""   // its value is still to come
	block := none // of material after a label or an introduction
	rest := text
	for raw := range strings.Lines(text) {
		rest = rest[len(raw):]
		s := strings.TrimSpace(raw)
		if s == "" {
			if block == begun {
				block = none
			}
			continue
		}
		body, mark := unmark(s)
		if mark == item {
			run = append(run, lead(body))
		} else if run != nil {
			p.names(run, user)
			run = nil
		}
		name, end := opened(s, rest)
		if _, value := splitLabel(body); block == waiting && value != "" {
			block, label = none, ""
		}
		switch {
		case closing != "" && strings.Contains(s, closing):
			closing, label = "", ""
		case closing != "" || block != none && mark != heading:
			block = min(block*2, begun)
			p.labels[label], label = s, ""
		case end != "":
			value, _, closed := strings.Cut(s[len(name)+2:], end)
			if p.labels[words(name)] = strings.TrimSpace(value); !closed {
				closing, label = end, words(name)
			}
		case mark == heading:
			if block = none; topical[words(body)] {
				label, block = words(body), waiting
			}
		case strings.IndexByte(">{}[]", s[0]) < 0:
			block, label = p.line(s, body, user)
		}
	}
	p.names(run, user)
}

// line takes an ordinary line as an instruction or as a label with its value. If
// what it introduces is still to come, a block of material follows.
func (p *prompt) line(s, body string, user bool) (block int, label string) {
	own := strings.ToLower(s)
	if strings.ContainsAny(own, "\"“«„`") {
		own = quotation().ReplaceAllString(own, "…")
	}
	label, value := splitLabel(body)
	switch {
	case value != "":
		if !hasWord(label, instructing) && (topical[label] || !digit(value[0])) {
			own = ""
			p.doubtful = append(p.doubtful, readBounds(value)...)
		}
		if own != "" {
			own = strings.ToLower(value) + " " + label // "Questions: 5 to 7" asks for 5 to 7 questions
		}
		if user {
			p.labels[label] = value
		}
		label = ""
	case strings.HasSuffix(body, ":"):
		block = waiting
	}
	if own != "" {
		p.instructions = append(p.instructions, instruction{s, own, user})
	}
	return block, label
}

// names keeps the first list that holds two to thirty short, distinct names.
func (p *prompt) names(list []string, user bool) {
	for i, s := range list {
		first, _, many := strings.Cut(s, " ")
		if s == "" || countWords(s) > 8 || slices.Contains(list[:min(i, 30)], s) || many && verbs[strings.ToLower(first)] {
			return
		}
	}
	if user && p.list == nil && len(list) >= 2 && len(list) <= 30 {
		p.list = list
	}
}

var (
	instructing = setOf("length word size target limit count number total task instruction requirement rule constraint format output goal")
	complaining = setOf("again not wrong invalid reject rejected refused missing want must fix correct error problem fail failed")
)
