// Command provider is a binary with a provider of one's own: models that a program on this
// machine answers for. It gets the question as JSON on its standard input, and what it writes
// is the answer:
//
//	ASK_PROGRAM=./my-model go run ./examples/provider run article --topic tides --model program/default
//
// That provider shows up wherever others do, by the same list: help models, help environment,
// doctor, completion.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"

	"github.com/pawlrun/pawl/cli"
	"github.com/pawlrun/pawl/flows"
	"github.com/pawlrun/pawl/llm"
)

// variable names the program to ask.
const variable = "ASK_PROGRAM"

// provider describes the models to whoever offers them to people.
func provider() llm.Provider {
	return llm.Provider{
		Name:     "program",
		About:    "any model that the program at " + variable + " answers for",
		Settings: []llm.Setting{{Name: variable, About: "the program that answers (provider program)", Required: true}},
		Models:   []string{"default"}, // known without asking; others are asked for as well
		New:      func(getenv func(string) string) llm.Model { return model{path: getenv(variable)} },
	}
}

// model asks the program.
type model struct{ path string }

// CheckModel says before any question what is missing.
func (m model) CheckModel(name string) error {
	if m.path == "" {
		return &llm.Error{Kind: llm.Auth, Message: "no program is set", Hint: "set " + variable + " to a program that answers"}
	}
	if name == "" {
		return errors.New("the name of a model is missing, as in program/default")
	}
	return nil
}

// question is what the program gets.
type question struct {
	Model     string          `json:"model"`
	Messages  []message       `json:"messages"`
	Schema    json.RawMessage `json:"schema,omitempty"` // that the answer is to keep to; left out: it is plain text
	MaxTokens int             `json:"max_tokens"`
}

type message struct {
	Role string `json:"role"`
	Text string `json:"text"`
}

// Generate makes one attempt. Whether the answer keeps to the schema is checked above, and
// what does not is asked for again, with what is wrong with it.
func (m model) Generate(ctx context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	if err := m.CheckModel(req.Model); err != nil {
		return llm.Response{}, &llm.Error{Kind: llm.Auth, Message: err.Error()}
	}
	q := question{Model: req.Model, MaxTokens: req.MaxTokens}
	for _, msg := range req.Messages {
		q.Messages = append(q.Messages, message{string(msg.Role), msg.Text()})
	}
	if req.Schema != nil {
		q.Schema = req.Schema.JSON()
	}
	input, err := json.Marshal(q)
	if err != nil {
		return llm.Response{}, &llm.Error{Kind: llm.Invalid, Message: err.Error(), Err: err}
	}
	asked := exec.CommandContext(ctx, m.path)
	var answer, complaint bytes.Buffer
	asked.Stdin, asked.Stdout, asked.Stderr = bytes.NewReader(input), &answer, &complaint
	err = asked.Run()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return llm.Response{}, &llm.Error{Kind: llm.Timeout, Message: "the program gave no answer in time", Err: ctx.Err()}
	case ctx.Err() != nil:
		return llm.Response{}, &llm.Error{Kind: llm.Canceled, Message: "given up", Err: ctx.Err()}
	case errors.As(err, new(*exec.ExitError)): // it may do better the next time
		return llm.Response{}, &llm.Error{Kind: llm.Overloaded, Message: strings.TrimSpace(complaint.String()), Err: err}
	case err != nil:
		return llm.Response{}, &llm.Error{Kind: llm.Invalid, Message: err.Error(), Hint: "check " + variable, Err: err}
	}
	return llm.Response{Text: answer.String()}, nil
}

func main() { cli.Program{Flows: flows.All(), Providers: append(cli.Providers(), provider())}.Main() }
