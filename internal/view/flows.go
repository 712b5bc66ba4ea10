package view

import (
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/shape"
)

// FlowRecord is a flow in a list, in the form in which it is printed as JSON.
type FlowRecord struct {
	Name    string          `json:"name"`    // the flow's name
	Purpose string          `json:"purpose"` // what it is for, in a line
	Input   json.RawMessage `json:"input"`   // its JSON Schema
}

// FlowDescription is a flow whole, in the form in which it is printed as JSON. Lists are
// never nil.
type FlowDescription struct {
	Name        string              `json:"name"`        // the flow's name
	Purpose     string              `json:"purpose"`     // what it is for, in a line
	Input       json.RawMessage     `json:"input"`       // what goes in, as JSON Schema
	Output      json.RawMessage     `json:"output"`      // what comes out, as JSON Schema
	Prompts     []PromptDescription `json:"prompts"`     // those that the flow lists
	Example     json.RawMessage     `json:"example"`     // an input that works; null: none is given
	Fingerprint string              `json:"fingerprint"` // digest of its prompts and schemas
	Shape       *shape.Shape        `json:"shape"`       // what it may do; null: it does not carry its code
	pawl.Doc
}

// PromptDescription is a prompt of it.
type PromptDescription struct {
	Name     string          `json:"name"`     // the prompt's name
	Purpose  string          `json:"purpose"`  // what it is for, in a line
	Model    string          `json:"model"`    // empty: the run's
	Fallback []string        `json:"fallback"` // the models that stand in for it
	Text     string          `json:"text"`     // the file as it is
	Answer   json.RawMessage `json:"answer"`   // what is to be answered, as JSON Schema; null: text
	Visible  string          `json:"visible"`  // what a reader sees of it; may be empty
	Why      string          `json:"why"`      // why that matters; may be empty
}

// SourceFile is a file that a flow is written in.
type SourceFile struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// Flows returns the flows that this program has.
func (v *View) Flows() []FlowRecord {
	all := []FlowRecord{}
	for _, f := range v.flows {
		info := f.Describe()
		all = append(all, FlowRecord{info.Name, info.Purpose, info.Input.JSON()})
	}
	return all
}

// Describe returns what can be known of a flow without running it.
func (v *View) Describe(f pawl.Flow) FlowDescription {
	info := f.Describe()
	d := FlowDescription{info.Name, info.Purpose, info.Input.JSON(), info.Output.JSON(), []PromptDescription{}, info.Example, info.Fingerprint, Shape(f, v.flows, nil), info.Doc}
	for _, p := range info.Prompts {
		described := PromptDescription{Name: p.Name, Purpose: p.Purpose, Model: p.Model, Fallback: append([]string{}, p.Fallback...), Text: p.Text, Visible: p.Visible, Why: p.Why}
		if p.Answer != nil {
			described.Answer = p.Answer.JSON()
		}
		d.Prompts = append(d.Prompts, described)
	}
	return d
}

// Sources returns the files that a flow carries; none: it carries none.
func (v *View) Sources(f pawl.Flow) ([]SourceFile, error) {
	all := []SourceFile{}
	files := f.Describe().Sources
	if files == nil {
		return all, nil
	}
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		all = append(all, SourceFile{path, string(text)})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sources of flow %s: %w", f.Name(), err)
	}
	return all, nil
}
