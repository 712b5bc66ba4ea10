// Package terminaltest is a terminal for tests.
//
// A [Terminal] takes what a program writes and has the picture that a person
// would see. It is strict: it knows the few sequences that this project writes,
// and whatever else comes is an error. Like most terminals it breaks lines anew
// when it is made narrower.
//
//	t := terminaltest.New(80, 24)
//	io.WriteString(t, "one\ntwo\x1b[1A\rONE")
//	t.Lines() // "ONE", "two"
package terminaltest

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/charmbracelet/x/ansi"
)

// Terminal is a terminal of so many columns and rows, with all that has left it
// at the top. It may be used from any goroutine.
type Terminal struct {
	mu      sync.Mutex
	columns int
	height  int
	rows    []row // from the oldest that ever was
	top     int   // the first row that is visible
	y, x    int   // the cursor; x == columns: the next character goes to a new row
	sync    bool  // the picture is held
	rest    string
	err     error
}

// row is a row of the terminal. The cells behind a wide character are empty.
type row struct {
	cells   []string
	wrapped bool // goes on in the next row
}

// New returns an empty terminal.
func New(columns, rows int) *Terminal {
	return &Terminal{columns: columns, height: rows, rows: make([]row, 1)}
}

// sequence matches the escape sequences that are known.
var sequence = regexp.MustCompile(`^\x1b\[(\d*)([AKJ])|^\x1b\[(?:0|1|2|3[1-6])?m|^\x1b\[\?2026([hl])`)

// Write shows text. It fails at what it does not know.
func (t *Terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.rest + string(p)
	t.rest = ""
	for len(s) > 0 && t.err == nil {
		if s[0] == '\x1b' {
			m := sequence.FindStringSubmatch(s)
			if m == nil {
				if len(s) < 8 && !strings.ContainsAny(s[1:], "\x1bhlmABCDHJK") {
					t.rest = s // the rest is to come
					break
				}
				t.fail("escape sequence", s)
				break
			}
			t.obey(m)
			s = s[len(m[0]):]
			continue
		}
		n := strings.IndexAny(s, "\x1b\r\n")
		switch n {
		case 0:
			if s[0] == '\n' { // as a terminal driver has it
				t.down()
			}
			t.x = 0
			s = s[1:]
			continue
		case -1:
			n = len(s)
		}
		t.print(s[:n])
		s = s[n:]
	}
	return len(p), t.err
}

func (t *Terminal) fail(what, s string) {
	t.err = fmt.Errorf("unknown %s at %.20q", what, s)
}

// Err returns what the terminal did not know, if anything.
func (t *Terminal) Err() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

func (t *Terminal) obey(m []string) {
	n := 1
	fmt.Sscan(m[1], &n)
	line := &t.rows[t.y]
	switch {
	case m[2] == "A":
		t.y = max(t.top, t.y-n)
		t.x = min(t.x, t.columns-1)
		for last := len(t.rows) - 1; last > t.y && len(t.rows[last].cells) == 0; last-- {
			t.rows = t.rows[:last] // as if it had not been touched
		}
	case m[2] == "K" || m[2] == "J":
		if m[1] != "" {
			t.fail("erasing", m[0])
		}
		if m[2] == "J" && t.x == 0 && t.y == t.top && (len(t.rows) > t.y+1 || len(line.cells) > 0) {
			t.y = len(t.rows) // some terminals keep what is erased as a whole
			t.rows = append(t.rows, row{})
			t.top = t.y
			return
		}
		line.cells = line.cells[:min(len(line.cells), min(t.x, t.columns-1))]
		line.wrapped = false
		if m[2] == "J" {
			t.rows = t.rows[:t.y+1]
		}
	case m[3] != "":
		if t.sync == (m[3] == "h") {
			t.fail("repetition", m[0])
		}
		t.sync = m[3] == "h"
	}
}

// down moves the cursor to the next row.
func (t *Terminal) down() {
	if t.y++; t.y == len(t.rows) {
		t.rows = append(t.rows, row{})
	}
	t.top = max(t.top, t.y-t.height+1)
}

// print shows text without control characters.
func (t *Terminal) print(s string) {
	for s != "" {
		c, wide := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		if c[0] < ' ' || c[0] == 0x7f {
			t.fail("control character", s)
			return
		}
		s = s[len(c):]
		if t.x+wide > t.columns {
			t.rows[t.y].wrapped = true
			t.down()
			t.x = 0
		}
		line := &t.rows[t.y]
		for len(line.cells) < t.x+wide {
			line.cells = append(line.cells, " ")
		}
		if wide == 0 {
			continue
		}
		line.cells[t.x] = c
		for i := 1; i < wide; i++ {
			line.cells[t.x+i] = ""
		}
		t.x += wide
	}
}

// Resize changes the terminal's size. Rows that were broken are joined, and all
// are broken anew.
func (t *Terminal) Resize(columns, rows int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []row
	top, y, x := 0, 0, 0
	for i := 0; i < len(t.rows); {
		var line []string
		begin, at := len(all), -1
		for {
			if i == t.top {
				top = begin
			}
			if i == t.y {
				at = len(line) + t.x
			}
			line = append(line, t.rows[i].cells...)
			i++
			if !t.rows[i-1].wrapped || i == len(t.rows) {
				break
			}
		}
		for {
			n := min(columns, len(line))
			if n < len(line) && line[n] == "" {
				n-- // a wide character is not torn apart
			}
			all = append(all, row{cells: append([]string{}, line[:n]...), wrapped: n < len(line)})
			if line = line[n:]; len(line) == 0 {
				break
			}
		}
		if at >= 0 {
			y, x = min(len(all)-1, begin+at/columns), at%columns
		}
	}
	t.columns, t.height, t.rows, t.y, t.x = columns, rows, all, y, x
	t.top = max(top, y-rows+1)
}

// Size returns the terminal's columns and rows.
func (t *Terminal) Size() (columns, rows int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.columns, t.height
}

// Cursor returns where the cursor stands in the picture, from 0.
func (t *Terminal) Cursor() (column, row int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.x, t.y - t.top
}

// Lines returns all lines that were ever written and not overwritten, without
// breaks that the terminal made. The last one is the cursor's if nothing stands
// below it.
func (t *Terminal) Lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []string
	text := ""
	for _, r := range t.rows {
		text += strings.Join(r.cells, "")
		if !r.wrapped {
			all = append(all, strings.TrimRight(text, " "))
			text = ""
		}
	}
	return all
}

// Rows returns the rows of the picture as far as they are in use.
func (t *Terminal) Rows() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []string
	for _, r := range t.rows[t.top:] {
		all = append(all, strings.TrimRight(strings.Join(r.cells, ""), " "))
	}
	return all
}
