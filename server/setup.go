package server

import (
	"github.com/pawlrun/pawl"
)

// Setup is what may be chosen for a run that is to be started.
type Setup struct {
	Model    string              `json:"model,omitempty" doc:"provider/model for every ask, above what prompts say; empty: what prompts say, or else the server's default."`
	Fallback []string            `json:"fallback,omitempty" nullable:"false" doc:"Models that are asked in turn where the ones before cannot answer."`
	Budget   *Limits             `json:"budget,omitempty" doc:"Bounds what the run may take."`
	Step     bool                `json:"step,omitempty" doc:"Stop before each step, until somebody has it continue."`
	Break    []pawl.Key          `json:"break,omitempty" nullable:"false" doc:"Stop before the steps with these keys."`
	Prompts  []replacementPrompt `json:"prompts,omitempty" nullable:"false" doc:"Prompts to ask with in the place of the flow's own."`
}

// Limits are a pawl.Budget, with limits that may be left out.
type Limits struct {
	USD    *float64 `json:"usd,omitempty" minimum:"0" doc:"Dollars."`
	Tokens *int64   `json:"tokens,omitempty" minimum:"0" doc:"Input and output together."`
	Calls  *int64   `json:"calls,omitempty" minimum:"0" doc:"Of models: every attempt is one."`
}

func (b *Limits) budget() *pawl.Budget {
	if b == nil {
		return nil
	}
	return &pawl.Budget{USD: b.USD, Tokens: b.Tokens, Calls: b.Calls}
}

// replacementPrompt is pawl.PromptFile as a request says it.
type replacementPrompt struct {
	Name string `json:"name" doc:"Of a prompt that the flow lists."`
	Text string `json:"text" doc:"The whole file: header and text."`
}

// start is what the engine is told of it. The run is left to whoever takes up queued
// runs, of which this process is one.
func (u Setup) start(who string) *pawl.StartOptions {
	return &pawl.StartOptions{Who: who, Queue: true, Model: u.Model, Fallback: u.Fallback, Budget: u.Budget.budget(), Step: u.Step, Break: u.Break}
}

// prompted returns a flow that asks with these prompts.
func prompted(f pawl.Flow, prompts []replacementPrompt) (pawl.Flow, error) {
	if len(prompts) == 0 {
		return f, nil
	}
	with, ok := f.(interface {
		ReplacePrompts(...pawl.PromptFile) (pawl.Flow, error)
	})
	if !ok {
		return nil, badParameter("body.prompts", "cannot be given: the prompts of this flow cannot be replaced")
	}
	return with.ReplacePrompts(promptFiles(prompts)...)
}

func promptFiles(prompts []replacementPrompt) []pawl.PromptFile {
	var files []pawl.PromptFile
	for _, p := range prompts {
		files = append(files, pawl.PromptFile{Name: p.Name, Text: p.Text})
	}
	return files
}
