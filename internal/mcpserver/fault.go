package mcpserver

import (
	"context"
	"errors"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/schema"
)

// kindForbidden is what somebody may not do, as in the API.
const kindForbidden pawl.ErrorKind = "forbidden"

// fault is an error as a tool answers with it, in the words of the API's problems.
type fault struct {
	Kind    pawl.ErrorKind `json:"kind"`           // the kind of error, the same word as in the command's JSON
	Message string         `json:"message"`        // what is wrong; it names the argument or the run
	Hint    string         `json:"hint"`           // what to do about it; may be empty
	Run     pawl.RunID     `json:"run,omitempty"`  // the run that it is about
	Step    pawl.Key       `json:"step,omitempty"` // the step that it is about
	Errors  []place        `json:"errors"`         // each place that is wrong; may be empty

	Decided *pawl.Decision `json:"decided,omitempty"` // of a decision that came too late: what was decided instead
}

// place is a place in the arguments.
type place struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// faulty is a fault on its way.
type faulty struct{ fault }

func (f *faulty) Error() string { return f.Message }

// mostFault is how much of an error's text is told.
const mostFault = 4000

// faultOf returns an error as a fault.
func faultOf(err error) fault {
	var ready *faulty
	if errors.As(err, &ready) {
		return ready.fault
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fault{Kind: "timeout", Message: "the call took longer than the server waits; what was asked for may still be done", Errors: []place{}}
	}
	var refused *view.Refusal
	if errors.As(err, &refused) {
		err = refused.Err
	}
	e := pawl.AsError(err, pawl.ErrInternal)
	f := fault{Kind: e.Kind, Message: cut(e.Message, mostFault), Hint: cut(e.Hint, mostFault), Run: e.Run, Step: e.Step, Errors: []place{}}
	var bad *schema.CheckError
	if errors.As(err, &bad) {
		for _, p := range bad.Problems {
			f.Errors = append(f.Errors, place{p.Path, p.Message})
		}
	}
	return f
}

// in returns the fault with its places being those of an argument.
func (f fault) in(argument string) *faulty {
	for i, p := range f.Errors {
		f.Errors[i].Path = schema.Under(argument, p.Path)
	}
	return &faulty{f}
}

// failed is the result that says that a tool has failed.
func (s *Server) failed(tool string, err error) *mcp.CallToolResult {
	f := faultOf(err)
	if f.Kind == pawl.ErrInternal {
		s.log.Error("a tool failed", "tool", tool, "error", f.Message)
	}
	doc, err := schema.Marshal(struct {
		Error fault `json:"error"`
	}{f})
	result := &mcp.CallToolResult{IsError: true}
	if err == nil {
		result.StructuredContent = doc
	}
	text := fmt.Sprintf("%s: %s", f.Kind, f.Message)
	if f.Hint != "" {
		text += "\n" + f.Hint
	}
	result.Content = []mcp.Content{&mcp.TextContent{Text: plain(text)}}
	return result
}

// badArgument refuses an argument.
func badArgument(name, message string) error {
	return &faulty{fault{Kind: pawl.ErrInput, Message: name + " " + message, Errors: []place{{name, message}}}}
}
