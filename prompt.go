package pawl

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"strings"

	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/prompt"
)

// Prompt is a prompt file, or such a text in the code, checked against the data that
// fills it and the answer that it asks for. It is immutable. MustPrompt and PromptText
// make one.
type Prompt[In, Out any] struct {
	path string
	info PromptInfo
	file *prompt.File
}

// MustPrompt reads a prompt file:
//
//	purpose: Planning outline
//	model: openai/gpt-5.4-mini
//	fallback: openai/gpt-5.4, openai-chat/llama3.1
//	timeout: 90s
//	max_tokens: 4000
//	---
//	# system
//	You plan short articles.
//	# user
//	Plan an article on: {{.Topic}}
//
// Only purpose is required in the header. It may also say temperature and effort (see
// [Question]), and for people what is visible of the step and why it matters:
//
//	visible: An outline with a line for each section.
//	why: The sections are written side by side, so the plan must be whole.
//	unused: Customer, Order.Notes
//
// The system part is sent as it is,
// so that data never enters it; it may be missing. The user part is a
// text/template over In with the functions add, join and json: {{json .Sections}} is
// a value's JSON on one line.
//
// MustPrompt is for package-level values: it panics if the file is not as
// above, if the template names a field that In does not have or leaves out one
// that it has (at any depth that it reaches by name, but for a struct that it
// passes on as a whole, and for what the header says is unused), if it prints a struct, slice or map, of which Go would
// print its own syntax (a type with a String method has a text), or if Out is neither string nor a type that
// vendors' strict structured outputs can express. What only data can tell, that
// an interface holds such a value or a pointer nothing, fails the run at the step,
// before anything is sent.
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
	if p.file, err = prompt.Parse(text, reflect.TypeFor[In]()); err != nil {
		return nil, err
	}
	answer, err := answerSchema[Out]()
	if err != nil {
		return nil, err
	}
	p.info = PromptInfo{
		Name:    strings.TrimSuffix(path.Base(file), path.Ext(file)),
		Purpose: p.file.Purpose, Model: p.file.Model, Fallback: p.file.Fallback, Text: text, Answer: answer,
		Visible: p.file.Visible, Why: p.file.Why,
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
	// Addressable, so that methods of a pointer to the data are found.
	messages, err := p.file.Fill(reflect.ValueOf(&data).Elem())
	if err != nil {
		return authored{}, fmt.Errorf("prompt %q: %w", p.path, err)
	}
	fields := func() map[string]json.RawMessage {
		if all, told := fieldsOf(reflect.ValueOf(&data).Elem()); told {
			return all
		}
		return messageFields(messages)
	}
	return authored{p.file.Purpose, host.AskStep{
		Messages: messages, Schema: p.info.Answer, Data: fields,
		Model: p.file.Model, Fallback: p.file.Fallback, Timeout: p.file.Timeout, MaxTokens: p.file.MaxTokens,
		Temperature: p.file.Temperature, Effort: p.file.Effort,
	}}, nil
}
