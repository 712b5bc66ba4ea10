package pawl

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
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

// Prompt is a prompt file, checked against the data that fills it and the
// answer that it asks for. It is immutable.
type Prompt[In, Out any] struct {
	path   string
	info   PromptInfo
	file   promptFile
	user   *template.Template
	answer *schema.Schema
}

// MustPrompt reads a prompt file:
//
//	purpose: Planning outline
//	model: openai/gpt-5.4-mini
//	timeout: 90s
//	max_tokens: 4000
//	---
//	# system
//	You plan short articles.
//	# user
//	Plan an article on: {{.Topic}}
//
// Only purpose is required in the header. The system part is sent as it is,
// so that data never enters it; it may be missing. The user part is a
// text/template over In with the functions add and join.
//
// MustPrompt is for package-level values: it panics if the file is not as
// above, if the template names a field that In does not have or leaves out one
// that it has (at any depth that it reaches by name, but for a struct that it
// prints or passes on as a whole), or if Out is neither string nor a type that
// vendors' strict structured outputs can express.
func MustPrompt[In, Out any](fsys fs.FS, file string) *Prompt[In, Out] {
	p, err := loadPrompt[In, Out](fsys, file)
	if err != nil {
		panic(fmt.Sprintf("prompt %q: %v", file, err))
	}
	return p
}

func loadPrompt[In, Out any](fsys fs.FS, file string) (*Prompt[In, Out], error) {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, cause(err)
	}
	return newPrompt[In, Out](string(text), file)
}

// cause is what the system says about a file, without its name: the caller
// knows that better.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

func newPrompt[In, Out any](text, file string) (*Prompt[In, Out], error) {
	p := &Prompt[In, Out]{path: file}
	var err error
	if p.file, err = parsePrompt(text); err != nil {
		return nil, err
	}
	if p.user, err = parseTemplate(p.file.user, p.file.userLine, reflect.TypeFor[In]()); err != nil {
		return nil, err
	}
	if p.answer, err = answerSchema[Out](); err != nil {
		return nil, err
	}
	p.info = PromptInfo{
		Name:    strings.TrimSuffix(path.Base(file), path.Ext(file)),
		Purpose: p.file.purpose, Model: p.file.model, Text: text, Answer: p.answer,
	}
	return p, nil
}

// Info describes the prompt.
func (p *Prompt[In, Out]) Info() PromptInfo { return p.info }

// With pairs the prompt with its data. Ask renders it.
func (p *Prompt[In, Out]) With(data In) Question[Out] {
	return Question[Out]{author: func(with replacements) (authored, error) {
		p := p
		if other, ok := with[p].(*Prompt[In, Out]); ok {
			p = other
		}
		return p.fill(data)
	}}
}

// fill renders the prompt.
func (p *Prompt[In, Out]) fill(data In) (authored, error) {
	var user strings.Builder
	// Addressable, so that methods of a pointer to the data are found.
	if err := p.user.Execute(&user, reflect.ValueOf(&data).Elem()); err != nil {
		return authored{}, fmt.Errorf("prompt %q: %w", p.path, templateError(err, p.file.userLine))
	}
	messages := []llm.Message{llm.User(user.String())}
	if p.file.system != "" {
		messages = []llm.Message{llm.System(p.file.system), messages[0]}
	}
	return authored{p.file.purpose, AskStep{
		Messages: messages, Schema: p.answer,
		Model: p.file.model, Timeout: p.file.timeout, MaxTokens: p.file.maxTokens,
	}}, nil
}

// promptFile is a prompt file taken apart.
type promptFile struct {
	purpose      string
	model        string
	timeout      time.Duration
	maxTokens    int
	system, user string
	userLine     int // of the file, where user begins
}

func parsePrompt(text string) (promptFile, error) {
	var p promptFile
	if !utf8.ValidString(text) {
		return p, fmt.Errorf("the file is not UTF-8 text")
	}
	text = strings.TrimPrefix(text, "\ufeff") // some editors begin a file with a mark of its encoding
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	end := slices.Index(lines, "---")
	if end < 0 {
		return p, fmt.Errorf("no line \"---\" between header and text")
	}
	seen := map[string]bool{}
	for i, line := range lines[:end] {
		if strings.TrimSpace(line) == "" {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok {
			return p, fmt.Errorf("line %d: %q is not \"key: value\"", i+1, line)
		}
		if seen[key] {
			return p, fmt.Errorf("line %d: %s is given twice", i+1, key)
		}
		seen[key] = true
		if err := p.set(key, value); err != nil {
			return p, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if p.purpose == "" {
		return p, fmt.Errorf("the header has no purpose")
	}
	return p, p.split(lines, end+1)
}

func (p *promptFile) set(key, value string) (err error) {
	keys := []string{"purpose", "model", "timeout", "max_tokens"}
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
		p.purpose = value
	case "model":
		p.model = value
	case "timeout":
		if p.timeout, err = time.ParseDuration(value); err != nil || p.timeout <= 0 {
			return fmt.Errorf("timeout %q is not a duration such as 90s", value)
		}
	case "max_tokens":
		if p.maxTokens, err = strconv.Atoi(value); err != nil || p.maxTokens <= 0 {
			return fmt.Errorf("max_tokens %q is not a positive number", value)
		}
	}
	return nil
}

// split cuts the lines behind the header into the system and the user part.
func (p *promptFile) split(lines []string, from int) error {
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
