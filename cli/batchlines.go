package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/schema"
)

// batchLine is a line of the inputs, checked.
type batchLine struct {
	n     int // its number in the file, from 1
	input json.RawMessage
	run   pawl.RunID // the same whenever the batch has this input
}

// maxComplaints is how many bad lines a message lists.
const maxComplaints = 10

// batchLines reads and checks all lines. Empty ones count in the numbering and
// are otherwise left out. The error names every line that is wrong, up to some.
func (a *app) batchLines(f pawl.Flow, known, inputs string) ([]batchLine, error) {
	from := a.stdin
	if inputs != "-" {
		file, err := os.Open(inputs)
		if err != nil {
			return nil, badInput("inputs %q: %v", inputs, cause(err))
		}
		defer file.Close()
		from = file
	}
	r := bufio.NewReader(from)
	var lines []batchLine
	var bad []string
	seen := map[string]int{} // how often an input has come
	for n := 1; ; n++ {
		text, err := readLine(r)
		if err == io.EOF {
			break
		}
		where := inputs + ":" + strconv.Itoa(n)
		if inputs == "-" {
			where = fmt.Sprintf("standard input, line %d", n)
		}
		if err != nil {
			return nil, badInput("%s: %v", where, cause(err))
		}
		if n == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		input, err := checkLine(f, text)
		if err != nil {
			bad = append(bad, fmt.Sprintf("%s: %s", where, strings.ReplaceAll(err.Error(), "\n", "; ")))
			continue
		}
		canonical, err := schema.Canonical(text) // as written: defaults may change
		if err != nil {
			bad = append(bad, fmt.Sprintf("%s: %v", where, err))
			continue
		}
		nth := seen[string(canonical)]
		seen[string(canonical)]++
		lines = append(lines, batchLine{n, input, pawl.RunIDOf("batch", known, f.Name(), string(canonical), strconv.Itoa(nth))})
	}
	if more := len(bad) - maxComplaints; more > 0 {
		bad = append(bad[:maxComplaints], fmt.Sprintf("and %s more", term.Count(int64(more), "line")))
	}
	switch {
	case len(bad) > 0:
		return nil, badInput("%s", strings.Join(bad, "\n"))
	case len(lines) == 0:
		return nil, badInput("inputs %s: there is no line in it", fileName(inputs))
	}
	return lines, nil
}

// readLine returns the next line without its end; io.EOF: there is none.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxFileBytes:
			return nil, fmt.Errorf("it is longer than %d MiB", maxFileBytes>>20)
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(line) > 0, err == nil:
			return bytes.TrimRight(line, "\r\n"), nil
		}
		return nil, err
	}
}

// checkLine returns a line as the flow's input.
func checkLine(f pawl.Flow, line []byte) (json.RawMessage, error) {
	if !utf8.Valid(line) {
		return nil, errors.New("it is not UTF-8 text")
	}
	if _, err := members(line); err != nil {
		return nil, errors.New(strings.Replace(err.Error(), "line 1, column", "column", 1))
	}
	in := &input{flow: f, names: map[string]*field{}}
	checked, err := f.CheckInput(line)
	in.complain(err)
	if len(in.bad) > 0 {
		return nil, errors.New(strings.Join(in.bad, "; "))
	}
	return checked, nil
}
