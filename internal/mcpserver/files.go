package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/internal/view"
)

// mostFile is how many bytes a file may have that goes through the protocol.
const mostFile = 8 << 20

type exportRun struct {
	Run    pawl.RunID `json:"run" jsonschema:"The run's id, whole." pawl:"len=1..64"`
	Format string     `json:"format" jsonschema:"md and html are to be read, json is to verify, import and build on." pawl:"enum=md|html|json,default=md"`
	Redact []string   `json:"redact,omitempty" jsonschema:"Leave out what each names: KEY, KEY:PATH, input:PATH or output:PATH."`
}

type diffRuns struct {
	Run  pawl.RunID `json:"run" jsonschema:"The run's id, whole." pawl:"len=1..64"`
	With pawl.RunID `json:"with,omitempty" jsonschema:"The run that it is compared with, the earlier one; left out: its base." pawl:"len=..64"`
	Key  pawl.Key   `json:"step,omitempty" jsonschema:"Only this step, and with it what was asked first." pawl:"len=..4096"`
}

// exportAnswer is a run as a file.
type exportAnswer struct {
	ID       pawl.RunID `json:"id"` // the run's id
	Format   string     `json:"format"`
	Bytes    int        `json:"bytes"`
	Withheld int        `json:"withheld"` // payloads that are left out: secrets, and what is marked sensitive
	Text     string     `json:"text"`     // the file; empty: it is larger than an answer may be
	Resource string     `json:"resource"` // that has it as json; empty: no resource has it in this form
}

// compareAnswer is a comparison.
type compareAnswer struct {
	view.Comparison
	LeftOut []string `json:"left_out"` // what is too large to be told here
}

func (s *Server) fileTools() {
	add(s, definition{name: "run_export", title: "Export a run",
		about: "Get a run as a document to be read (md, html) or as a file that can be verified and imported elsewhere (json). Secrets stay on the server."},
		func(ctx context.Context, c *call, in exportRun) (any, error) {
			data, withheld, err := s.export(ctx, in)
			if err != nil {
				return nil, err
			}
			a := exportAnswer{ID: in.Run, Format: in.Format, Bytes: len(data), Withheld: withheld, Text: string(data)}
			if in.Format == "json" && len(in.Redact) == 0 {
				a.Resource = exportURI + string(in.Run)
				c.links = append(c.links, &mcp.ResourceLink{URI: a.Resource, Name: string(in.Run) + ".json", MIMEType: jsonType})
			}
			if len(data) > mostResult {
				a.Text = ""
				if a.Resource == "" {
					return nil, tooLarge(in.Run, len(data))
				}
			}
			return a, nil
		})
	add(s, definition{name: "run_diff", title: "Compare two runs",
		about: "Compare a run with its base, or with another one, step by step: what was asked and what came of it."}, s.diff)
}

// export makes a file of a run.
func (s *Server) export(ctx context.Context, in exportRun) (data []byte, withheld int, err error) {
	if in.Format != "json" && s.o.Document == nil {
		return nil, 0, badArgument("format", "is json alone here: this server makes no documents")
	}
	file, err := runfile.ExportRun(ctx, s.o.Journal, in.Run, s.view.Flow, runfile.Options{Redact: in.Redact, Keys: s.o.Keys})
	if err != nil {
		return nil, 0, err
	}
	if data, err = file.Encode(); err == nil && in.Format != "json" {
		data, err = s.o.Document(data, in.Format)
	}
	return data, file.Withheld(), err
}

func tooLarge(id pawl.RunID, bytes int) error {
	return &faulty{fault{Kind: "too_large", Message: fmt.Sprintf("the file of run %s has %d bytes, more than goes into an answer", id, bytes),
		Hint: "the person can export it with the command or in the studio", Run: id, Errors: []place{}}}
}

func (s *Server) diff(ctx context.Context, c *call, in diffRuns) (any, error) {
	if in.With == "" {
		rec, err := s.view.Run(ctx, in.Run)
		if err != nil {
			return nil, err
		}
		if rec.Base == nil {
			return nil, badArgument("with", fmt.Sprintf("is missing: run %s has no base to be compared with", in.Run))
		}
		in.With = *rec.Base
	}
	var d view.Comparison
	var err error
	if in.Key != "" {
		d, err = s.view.DiffStep(ctx, in.With, in.Run, in.Key)
	} else {
		d, err = s.view.Diff(ctx, in.With, in.Run)
	}
	if err != nil {
		return nil, err
	}
	a := compareAnswer{d, []string{}}
	for i := range a.Steps { // that they differ is told, and how for each alone
		if sizeOf(a.Steps[i]) > mostResult/4 && in.Key == "" || sizeOf(a.Steps[i]) > mostResult {
			a.LeftOut = append(a.LeftOut, fmt.Sprintf("steps[%d].result", i))
			a.Steps[i].Result, a.Steps[i].Sent = view.Difference{}, nil
		}
	}
	if n := len(a.Steps); sizeOf(a) > mostResult && n > 0 {
		for n > 0 && sizeOf(a) > mostResult {
			n /= 2
			a.Steps = a.Steps[:n]
		}
		a.LeftOut = append(a.LeftOut, fmt.Sprintf("steps behind the first %d", n))
	}
	if sizeOf(a) > mostResult {
		a.Setup, a.Input, a.Output = view.Difference{}, view.Difference{}, view.Difference{}
		a.LeftOut = append(a.LeftOut, "setup", "input", "output")
	}
	return a, nil
}

// asJSON is a value as JSON for a resource.
func asJSON(v any) (string, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return string(text), err
}
