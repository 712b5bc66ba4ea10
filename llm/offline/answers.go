package offline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pawlrun/pawl/schema"
)

// answers are what a file says for steps, in the order of their attempts, by the
// steps' keys.
type answers map[string][]string

// at returns the answer to an attempt of a step, counted from 1, if there is one.
func (a answers) at(key string, attempt int) (string, bool) {
	if n := max(attempt, 1); n <= len(a[key]) {
		return a[key][n-1], true
	}
	return "", false
}

// readAnswers reads a file of answers. The error names the file, and what in it is
// wrong.
func (m Model) readAnswers(file string) (answers, error) {
	if m.ReadFile == nil {
		return nil, fmt.Errorf("offline option answers=%q: this program reads no files for it", file)
	}
	text, err := m.ReadFile(file)
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		err = at.Err
	}
	if err != nil {
		return nil, fmt.Errorf("offline option answers=%q: %w", file, err)
	}
	all, err := parseAnswers(text)
	if err != nil {
		return nil, fmt.Errorf("offline option answers=%q: %w", file, err)
	}
	return all, nil
}

func parseAnswers(text []byte) (answers, error) {
	steps, err := schema.Members(text)
	if err != nil {
		return nil, err
	}
	all := answers{}
	for _, step := range steps {
		if _, twice := all[step.Name]; twice {
			return nil, fmt.Errorf("step %q: is there twice", step.Name)
		}
		var list []json.RawMessage
		if json.Unmarshal(step.Value, &list) != nil || list == nil {
			return nil, fmt.Errorf("step %q: wants a list of answers", step.Name)
		}
		all[step.Name] = make([]string, len(list))
		for i, value := range list {
			if all[step.Name][i], err = answerText(value); err != nil {
				return nil, fmt.Errorf("step %q: answer %d: %w", step.Name, i+1, err)
			}
		}
	}
	return all, nil
}

// answerText is the text of an answer: what a string says, or else the JSON itself.
func answerText(value json.RawMessage) (s string, err error) {
	if value[0] == '"' {
		err = json.Unmarshal(value, &s)
		return s, err
	}
	var b bytes.Buffer
	err = json.Compact(&b, value)
	return b.String(), err
}
