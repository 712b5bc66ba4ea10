package wire

import (
	"bufio"
	"bytes"
	"io"
)

// maxLine is the longest line of a stream that is read.
const maxLine = 32 << 20

// lines reads server-sent events. Each of its own lines is read by the rules of
// https://html.spec.whatwg.org/multipage/server-sent-events.html, save that a carriage
// return alone ends no line.
type lines struct {
	scanner *bufio.Scanner
	event   Event
}

func newLines(r io.Reader) *lines {
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxLine)
	return &lines{scanner: s}
}

// next reads up to the end of an event that has data; false: there is none, or err says
// why. Data behind which the stream ends without an empty line is no event.
func (l *lines) next() bool {
	name, data, has := "", []byte(nil), false
	for l.scanner.Scan() {
		line := l.scanner.Bytes()
		if len(line) == 0 {
			if !has {
				name = ""
				continue
			}
			l.event = Event{Type: name, Data: data}
			return true
		}
		field, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "event":
			name = string(value)
		case "data":
			has = true
			data = append(append(data, value...), '\n')
		}
	}
	return false
}

func (l *lines) err() error { return l.scanner.Err() }
