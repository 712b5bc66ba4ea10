package wire

import (
	"strings"
	"unicode"
)

// The marks of gpt-oss, in the order of a message:
//
//	<|start|>assistant<|channel|>analysis<|message|>...<|end|>
//
// Channels are analysis, commentary and final; the first <|start|>assistant belongs to
// the prompt, and the last message ends with <|return|>
// (https://cookbook.openai.com/articles/openai-harmony). llama.cpp without a parser
// leaves the header of the final message out.
const (
	startMark    = "<|start|>"
	channelMark  = "<|channel|>"
	messageMark  = "<|message|>"
	finalMessage = channelMark + "final" + messageMark
)

var (
	headerMarks = []string{startMark, channelMark, messageMark}
	messageEnds = []string{"<|end|>", "<|return|>", "<|call|>", startMark, channelMark}
)

// maxHeader is as much of a header as is kept to find its end.
const maxHeader = 1 << 10

type place int

const (
	atStart      place = iota // nothing but white space so far, or a thought before it
	inThought                 // until end
	inMaybe                   // the same, but what has come is the answer if end never comes
	inHeader                  // of a message of gpt-oss's
	inMessage                 // of gpt-oss's
	afterMessage              // of gpt-oss's
	inAnswer                  // all that comes is the answer
	behindIt                  // all that comes is nothing
)

// Thoughts takes a model's thoughts out of a text that comes in pieces. It lets go of
// what it knows to be the answer, and holds back the rest. The zero Thoughts is ready;
// its work grows with the text alone.
type Thoughts struct {
	at      place
	end     string          // of the thought
	rest    string          // what is not decided yet
	space   strings.Builder // before the answer
	maybe   strings.Builder // the answer, if it is none of a thought
	waits   bool            // maybe began with the text
	visible bool            // the message is the answer
	closed  bool            // such a message has ended
	found   bool            // a thought was there
}

// expect has all text held back until end comes, or the text is over.
func (t *Thoughts) expect(end string) { t.at, t.end, t.waits = inMaybe, end, true }

// Add takes a piece and returns what is sure to be answer.
func (t *Thoughts) Add(piece string) string {
	if t.at == inAnswer {
		return piece
	}
	t.rest += piece
	var out strings.Builder
	for t.step(&out) {
	}
	return out.String()
}

// End returns what was held back and is answer after all.
func (t *Thoughts) End() string {
	rest := t.rest
	t.rest = ""
	switch {
	case t.at == inMaybe && t.waits:
		text, _, _ := takeAnswer(t.maybe.String() + rest)
		return text
	case t.at == inMaybe:
		return t.space.String() + t.maybe.String() + rest
	case t.at == atStart && brokeOff(rest):
		t.found = true
		return ""
	case t.at == atStart && !t.found:
		return t.space.String() + rest
	case t.at == atStart, t.at == inMessage && t.visible:
		return rest
	}
	return ""
}

// Clear says that the server tells thoughts apart by itself, and returns what was held
// back for a mark that will not come.
func (t *Thoughts) Clear() string {
	if t.at != inMaybe || !t.waits {
		return ""
	}
	t.at, t.waits = atStart, false
	held := t.maybe.String()
	t.maybe.Reset()
	t.rest = held + t.rest
	return t.Add("")
}

// step goes on by one decision, and reports whether there may be another.
func (t *Thoughts) step(out *strings.Builder) bool {
	switch t.at {
	case atStart:
		return t.begin(out)
	case inThought, inMaybe:
		return t.findEnd()
	case inHeader:
		return t.readHeader()
	case inMessage:
		return t.readMessage(out)
	case afterMessage:
		return t.follow()
	case inAnswer:
		out.WriteString(t.rest)
	}
	t.rest = ""
	return false
}

// begin looks for a mark at the start of the text.
func (t *Thoughts) begin(out *strings.Builder) bool {
	text := strings.TrimLeftFunc(t.rest, unicode.IsSpace)
	t.space.WriteString(t.rest[:len(t.rest)-len(text)])
	t.rest = text
	if text == "" {
		return false
	}
	if opens(text, headerMarks) {
		t.at, t.found = inHeader, true
		return true
	}
	unclear := mayOpen(text, headerMarks)
	for _, m := range marks {
		rest, ok := strings.CutPrefix(text, m.open)
		if !ok {
			unclear = unclear || strings.HasPrefix(m.open, text)
			continue
		}
		what := m.begins(rest)
		if t.found && !m.weak { // behind a thought there is no talk of marks
			what = aThought
		}
		switch what {
		case aThought:
			t.at, t.end, t.rest, t.found = inThought, m.end, rest, true
			return true
		case maybeThought:
			t.at, t.end = inMaybe, m.end
			return true
		case undecided:
			unclear = true
		}
	}
	if unclear {
		return false
	}
	t.at = inAnswer
	if !t.found {
		out.WriteString(t.space.String())
	}
	return true
}

// brokeOff reports whether a text that is over and was undecided was one of a thought.
func brokeOff(text string) bool {
	for _, m := range marks {
		if rest, ok := strings.CutPrefix(text, m.open); ok && !m.weak {
			on, _ := goesOn(rest)
			return !on || strings.Contains(rest, m.end)
		}
	}
	return false
}

// findEnd looks for the end of a thought. What cannot be part of it is not looked at
// again.
func (t *Thoughts) findEnd() bool {
	before, rest, ok := strings.Cut(t.rest, t.end)
	if ok {
		t.at, t.rest, t.found, t.waits = atStart, rest, true, false
		t.maybe.Reset()
		t.space.Reset()
		if t.end == finalMessage {
			t.at, t.visible = inMessage, true
		}
		return true
	}
	keep := min(len(before), len(t.end)-1)
	if t.at == inMaybe {
		t.maybe.WriteString(before[:len(before)-keep])
	}
	t.rest = before[len(before)-keep:]
	return false
}

// readHeader finds out whether a message is the answer.
func (t *Thoughts) readHeader() bool {
	header, rest, ok := strings.Cut(t.rest, messageMark)
	if !ok {
		t.rest = t.rest[max(0, len(t.rest)-maxHeader):]
		return false
	}
	_, channel, _ := cutLast(header, channelMark)
	channel, _, _ = strings.Cut(channel, "<|") // final<|constrain|>json
	switch channel, _, _ = strings.Cut(strings.TrimSpace(channel), " "); channel {
	case "", "final", "assistant":
		t.visible = true
	default:
		t.visible = false
	}
	t.at, t.rest = inMessage, rest
	return true
}

func (t *Thoughts) readMessage(out *strings.Builder) bool {
	write := func(n int) {
		if t.visible {
			out.WriteString(t.rest[:n])
		}
		t.rest = t.rest[n:]
	}
	i := strings.Index(t.rest, "<|")
	switch {
	case i < 0:
		write(len(strings.TrimSuffix(t.rest, "<")))
		return false
	case opens(t.rest[i:], messageEnds):
		write(i)
		t.closed = t.closed || t.visible
		t.at = afterMessage
		if !opens(t.rest, headerMarks) {
			_, t.rest, _ = strings.Cut(t.rest, "|>")
		}
		return true
	case mayOpen(t.rest[i:], messageEnds):
		write(i)
		return false
	}
	write(i + len("<|"))
	return true
}

// follow decides what comes behind a message: another one, or the answer without a
// header.
func (t *Thoughts) follow() bool {
	t.rest = strings.TrimLeftFunc(t.rest, unicode.IsSpace)
	switch {
	case opens(t.rest, headerMarks):
		t.at = inHeader
	case mayOpen(t.rest, headerMarks): // also nothing
		return false
	case t.closed:
		t.at = behindIt
	default:
		t.at = atStart
		t.space.Reset()
	}
	return true
}

// opens reports whether text begins with one of the marks, mayOpen whether it could, with
// more of it.
func opens(text string, marks []string) bool {
	for _, m := range marks {
		if strings.HasPrefix(text, m) {
			return true
		}
	}
	return false
}

func mayOpen(text string, marks []string) bool {
	for _, m := range marks {
		if strings.HasPrefix(m, text) {
			return true
		}
	}
	return false
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
