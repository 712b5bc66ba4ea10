package wire

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestLines(t *testing.T) {
	type event = Event
	for _, tt := range []struct {
		name, text string
		want       []event
	}{
		{"none", "", nil},
		{"one", "event: a\ndata: {}\n\n", []event{{"a", []byte("{}\n")}}},
		{"without a name", "data: 1\n\ndata:2\n\n", []event{{"", []byte("1\n")}, {"", []byte("2\n")}}},
		{"a name does not outlive its event", "event: a\n\ndata: 1\n\n", []event{{"", []byte("1\n")}}},
		{"several lines", "data: 1\ndata:  2\n\n", []event{{"", []byte("1\n 2\n")}}},
		{"returns", "event: a\r\ndata: 1\r\n\r\n", []event{{"a", []byte("1\n")}}},
		{"comments and other fields", ": wait\n\nid: 7\nretry: 1\ndata: 1\n: x\n\n", []event{{"", []byte("1\n")}}},
		{"empty data", "data:\n\n", []event{{"", []byte("\n")}}},
		{"a field without a colon", "data\n\n", []event{{"", []byte("\n")}}},
		{"no end", "data: 1\n\ndata: 2\n", []event{{"", []byte("1\n")}}},
	} {
		l, got := newLines(strings.NewReader(tt.text)), []event(nil)
		for l.next() {
			got = append(got, event{l.event.Type, append([]byte(nil), l.event.Data...)})
		}
		if l.err() != nil || len(got) != len(tt.want) {
			t.Errorf("%s: %d events, %v", tt.name, len(got), l.err())
			continue
		}
		for i := range got {
			if got[i].Type != tt.want[i].Type || string(got[i].Data) != string(tt.want[i].Data) {
				t.Errorf("%s: event %d is %q, wants %q", tt.name, i, got[i], tt.want[i])
			}
		}
	}
}

// A line without end is not read without end.
func TestLinesAreBounded(t *testing.T) {
	l := newLines(io.MultiReader(strings.NewReader("data: "), endless{}))
	if l.next() || !errors.Is(l.err(), bufio.ErrTooLong) {
		t.Errorf("got an event, or %v", l.err())
	}
}

// endless is a text of one letter.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
