package prompt

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// File is a prompt file, checked against the type of the data that fills it. It
// is immutable.
type File struct {
	Purpose   string        // a line
	Model     string        // provider/model; empty: none is named
	Timeout   time.Duration // of one attempt; 0: none is given
	MaxTokens int           // of an answer; 0: none is given
	Fallback  []string      // models to ask in turn where Model cannot answer; nil: none are named

	Temperature *float64 // nil: none is given
	Effort      string   // one of llm.Efforts; empty: none is given
	Visible     string   // what a reader sees of it, a line; may be empty
	Why         string   // why that matters, a line; may be empty

	unusedFields []string // of the data, as the header says

	system, user string
	userLine     int // of the file, where user begins
	template     *template.Template
}

// Parse reads the text of a prompt file whose user part is filled with data of a
// type. The error says what is wrong with the text and on which line, if there is
// one; it does not name the file.
func Parse(text string, data reflect.Type) (*File, error) {
	p := &File{}
	err := p.split(text)
	if err == nil {
		p.template, err = parseTemplate(p.user, p.userLine, data, p.unusedFields)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Fill returns the messages of the prompt with its data, which must have the type
// that Parse was given. Methods of a pointer to the data are found if the data is
// addressable. The error names the line of the file.
func (p *File) Fill(data reflect.Value) ([]llm.Message, error) {
	var user strings.Builder
	if err := p.template.Execute(&user, data); err != nil {
		return nil, templateError(err, p.userLine)
	}
	if p.system == "" {
		return []llm.Message{llm.User(user.String())}, nil
	}
	return []llm.Message{llm.System(p.system), llm.User(user.String())}, nil
}

// split takes a prompt file apart into its header and its two parts.
func (p *File) split(text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("the file is not UTF-8 text")
	}
	text = strings.TrimPrefix(text, "\ufeff") // some editors begin a file with a mark of its encoding
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	end := slices.Index(lines, "---")
	if end < 0 {
		return fmt.Errorf("no line \"---\" between header and text")
	}
	seen := map[string]bool{}
	for i, line := range lines[:end] {
		if strings.TrimSpace(line) == "" {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok {
			return fmt.Errorf("line %d: %q is not \"key: value\"", i+1, line)
		}
		if seen[key] {
			return fmt.Errorf("line %d: %s is given twice", i+1, key)
		}
		seen[key] = true
		if err := p.set(key, value); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if p.Purpose == "" {
		return fmt.Errorf("the header has no purpose")
	}
	return p.splitParts(lines, end+1)
}

// set takes one line of the header.
func (p *File) set(key, value string) (err error) {
	keys := []string{"purpose", "model", "fallback", "timeout", "max_tokens", "temperature", "effort", "visible", "why", "unused"}
	if !slices.Contains(keys, key) {
		if near := schema.Nearest(key, keys); near != "" {
			return fmt.Errorf("unknown key %q; did you mean %s?", key, near)
		}
		return fmt.Errorf("unknown key %q; known are %s", key, strings.Join(keys, ", "))
	}
	if value == "" {
		return fmt.Errorf("%s has no value", key)
	}
	switch key {
	case "purpose":
		p.Purpose = value
	case "model":
		p.Model = value
	case "fallback":
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.TrimSpace(name); name == "" {
				return fmt.Errorf("fallback %q names an empty model; write provider/model, provider/model", value)
			}
			p.Fallback = append(p.Fallback, name)
		}
	case "timeout":
		if p.Timeout, err = time.ParseDuration(value); err != nil || p.Timeout <= 0 {
			return fmt.Errorf("timeout %q is not a duration such as 90s", value)
		}
	case "max_tokens":
		if p.MaxTokens, err = strconv.Atoi(value); err != nil || p.MaxTokens <= 0 {
			return fmt.Errorf("max_tokens %q is not a positive number", value)
		}
	case "temperature":
		t, err := strconv.ParseFloat(value, 64)
		if err != nil || !(t >= 0 && t <= 2) {
			return fmt.Errorf("temperature %q is not a number from 0 to 2", value)
		}
		p.Temperature = &t
	case "effort":
		if p.Effort = value; !slices.Contains(llm.Efforts(), value) {
			return fmt.Errorf("effort %q is not one of %s", value, strings.Join(llm.Efforts(), ", "))
		}
	case "visible":
		p.Visible = value
	case "why":
		p.Why = value
	case "unused":
		for _, path := range strings.Split(value, ",") {
			p.unusedFields = append(p.unusedFields, strings.TrimPrefix(strings.TrimSpace(path), "."))
		}
	}
	return nil
}

// splitParts cuts the lines behind the header into the system and the user part.
func (p *File) splitParts(lines []string, from int) error {
	const system, user = "# system", "# user"
	at := map[string]int{} // where each part's heading stands
	for i, line := range lines[from:] {
		n := from + i
		switch heading := strings.TrimRight(line, " \t"); {
		case heading == system || heading == user:
			if _, twice := at[heading]; twice {
				return fmt.Errorf("line %d: %q stands twice", n+1, heading)
			}
			if _, behind := at[user]; behind {
				return fmt.Errorf("line %d: %q stands behind %q", n+1, system, user)
			}
			at[heading] = n
		case len(at) == 0 && heading != "":
			return fmt.Errorf("line %d: text stands before %q and %q", n+1, system, user)
		}
		if _, open := at[user]; len(at) > 0 && !open && strings.Contains(line, "{{") {
			return fmt.Errorf("line %d: the system part has a template action; data belongs into the user part", n+1)
		}
	}
	begin, ok := at[user]
	if !ok {
		return fmt.Errorf("no line %q", user)
	}
	if s, ok := at[system]; ok {
		p.system = strings.TrimSpace(strings.Join(lines[s+1:begin], "\n"))
	}
	for begin++; begin < len(lines) && strings.TrimSpace(lines[begin]) == ""; begin++ {
	}
	p.user, p.userLine = strings.TrimSpace(strings.Join(lines[begin:], "\n")), begin+1
	if p.user == "" {
		return fmt.Errorf("the user part is empty")
	}
	return nil
}
