package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/schema"
)

type nothing struct{}

type getFlow struct {
	Flow    string `json:"flow" jsonschema:"The flow's name."`
	Prompts bool   `json:"prompts,omitempty" jsonschema:"Also the texts of its prompts."`
}

// flowLine is a flow in a list.
type flowLine struct {
	Name    string   `json:"name"`    // the flow's name
	Purpose string   `json:"purpose"` // what it is for, in a line
	Needs   []string `json:"needs"`   // the fields of its input that must be given
}

// flowAnswer is a flow whole, but for its code and picture, which are in flow://NAME.
type flowAnswer struct {
	Name    string                   `json:"name"`
	Purpose string                   `json:"purpose"`
	Input   json.RawMessage          `json:"input"`   // what goes in, as JSON Schema
	Output  json.RawMessage          `json:"output"`  // what comes out, as JSON Schema
	Example json.RawMessage          `json:"example"` // an input that works; null: none is given
	Prompts []view.PromptDescription `json:"prompts"` // those that the flow lists; the texts only where they were asked for
	pawl.Doc
	LeftOut []string `json:"left_out"` // what is too large to be told here
}

func (s *Server) flowTools() {
	add(s, definition{name: "flow_list", title: "List flows",
		about: "List the flows that can be started, with what each is for and which fields of its input must be given. Begin here; flow_get has the whole of one."},
		func(context.Context, *call, nothing) (any, error) {
			flows := []flowLine{}
			for _, f := range s.o.Flows {
				info := f.Describe()
				line := flowLine{info.Name, info.Purpose, []string{}}
				for _, field := range info.Input.Fields() {
					if field.Required {
						line.Needs = append(line.Needs, field.Name)
					}
				}
				flows = append(flows, line)
			}
			return struct {
				Flows []flowLine `json:"flows"`
			}{flows}, nil
		})
	add(s, definition{name: "flow_get", title: "Describe a flow",
		about: "Describe one flow: the JSON Schemas of its input and output, an example input, its prompts. Read it before run_start."},
		func(_ context.Context, c *call, in getFlow) (any, error) {
			f, err := s.flow("flow", in.Flow)
			if err != nil {
				return nil, err
			}
			d := s.view.Describe(f)
			a := flowAnswer{d.Name, d.Purpose, d.Input, d.Output, d.Example, d.Prompts, d.Doc, []string{}}
			if !in.Prompts {
				for i := range a.Prompts {
					a.Prompts[i].Text = ""
				}
			}
			if sizeOf(a) > mostResult {
				a.Prompts, a.LeftOut = []view.PromptDescription{}, append(a.LeftOut, "prompts")
			}
			return a, nil
		})
}

// flow returns the flow that an argument names.
func (s *Server) flow(argument, name string) (pawl.Flow, error) {
	if f := s.view.Flow(name); f != nil {
		return f, nil
	}
	var names []string
	for _, f := range s.o.Flows {
		names = append(names, f.Name())
	}
	meant := ""
	if n := schema.Nearest(name, names); n != "" {
		meant = fmt.Sprintf("did you mean %q? ", n)
	}
	message := fmt.Sprintf("%s: unknown flow %q", argument, cut(name, 100))
	return nil, &faulty{fault{Kind: pawl.ErrNotFound, Message: message, Hint: meant + "flow_list has those that there are", Errors: []place{{argument, "names no flow"}}}}
}

// cut is the beginning of a text, in whole characters.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}
