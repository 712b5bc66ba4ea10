package pawl

import (
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Prompt is a prompt file, checked against the data that fills it and the
// answer that it asks for. It is immutable.
type Prompt[In, Out any] struct {
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
// that it has, or if Out is neither string nor a type that vendors' strict
// structured outputs can express.
func MustPrompt[In, Out any](fsys fs.FS, file string) *Prompt[In, Out] {
	p, err := loadPrompt[In, Out](fsys, file)
	if err != nil {
		panic(fmt.Sprintf("pawl.MustPrompt(%q): %v", file, err))
	}
	return p
}

func loadPrompt[In, Out any](fsys fs.FS, file string) (*Prompt[In, Out], error) {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, err
	}
	p := &Prompt[In, Out]{}
	if p.file, err = parsePrompt(string(text)); err != nil {
		return nil, err
	}
	if p.user, err = parseTemplate(p.file.user, reflect.TypeFor[In]()); err != nil {
		return nil, err
	}
	if p.answer, err = answerSchema[Out](); err != nil {
		return nil, err
	}
	p.info = PromptInfo{
		Name:    strings.TrimSuffix(path.Base(file), path.Ext(file)),
		Purpose: p.file.purpose, Model: p.file.model, Text: string(text), Answer: p.answer,
	}
	return p, nil
}

// Info describes the prompt.
func (p *Prompt[In, Out]) Info() PromptInfo { return p.info }

// With pairs the prompt with its data. Ask renders it.
func (p *Prompt[In, Out]) With(data In) Question[Out] {
	return Question[Out]{
		purpose: p.file.purpose,
		ask:     AskStep{Model: p.file.model, Timeout: p.file.timeout, MaxTokens: p.file.maxTokens},
		answer:  func() (*schema.Schema, error) { return p.answer, nil },
		render: func() ([]llm.Message, error) {
			var user strings.Builder
			if err := p.user.Execute(&user, data); err != nil {
				return nil, fmt.Errorf("prompt %q: %w", p.info.Name, err)
			}
			if p.file.system == "" {
				return []llm.Message{llm.User(user.String())}, nil
			}
			return []llm.Message{llm.System(p.file.system), llm.User(user.String())}, nil
		},
	}
}

// promptFile is a prompt file taken apart.
type promptFile struct {
	purpose      string
	model        string
	timeout      time.Duration
	maxTokens    int
	system, user string
}

func parsePrompt(text string) (promptFile, error) {
	var p promptFile
	head, body, ok := strings.Cut(strings.ReplaceAll(text, "\r\n", "\n"), "\n---\n")
	if !ok {
		return p, fmt.Errorf("no line --- between header and text")
	}
	seen := map[string]bool{}
	for i, line := range strings.Split(head, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok || value == "" {
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
	return p, p.split(body)
}

func (p *promptFile) set(key, value string) (err error) {
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
	default:
		return fmt.Errorf("unknown key %q; known are purpose, model, timeout, max_tokens", key)
	}
	return nil
}

// split cuts the body into its system and user parts.
func (p *promptFile) split(body string) error {
	body = "\n" + body + "\n"
	before, user, ok := strings.Cut(body, "\n# user\n")
	if !ok {
		return fmt.Errorf("no line \"# user\"")
	}
	if strings.Contains(user, "\n# system\n") {
		return fmt.Errorf("\"# system\" stands behind \"# user\"")
	}
	before, system, _ := strings.Cut(before+"\n", "\n# system\n")
	if strings.TrimSpace(before) != "" {
		return fmt.Errorf("text %q stands before \"# system\" and \"# user\"", strings.TrimSpace(before))
	}
	p.system, p.user = strings.TrimSpace(system), strings.TrimSpace(user)
	if p.user == "" {
		return fmt.Errorf("the user part is empty")
	}
	if strings.Contains(p.system, "{{") {
		return fmt.Errorf("the system part has a template action; data belongs into the user part")
	}
	return nil
}
