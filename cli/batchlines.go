package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
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
			return nil, badInput("inputs %q: %v", inputs, form.Cause(err))
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
			return nil, badInput("%s: %v", where, form.Cause(err))
		}
		if n == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		input, err := form.Line(f, text)
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
		return nil, badInput("inputs %s: there is no line in it", form.FileName(inputs))
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
		case len(line) > form.MaxFileBytes:
			return nil, fmt.Errorf("it is longer than %d MiB", form.MaxFileBytes>>20)
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(line) > 0, err == nil:
			return bytes.TrimRight(line, "\r\n"), nil
		}
		return nil, err
	}
}
