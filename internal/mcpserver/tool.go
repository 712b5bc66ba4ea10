package mcpserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/late"
	"github.com/pawlrun/pawl/schema"
)

// definition is what a client is told of a tool.
type definition struct {
	name, title, about string

	operates    bool // it starts or steers runs, and is for those who may
	starts      bool // what it does of that is to start one
	destructive bool // what it does cannot be undone
	once        bool // saying it twice does no more than saying it once
	open        bool // it has models asked, which are elsewhere
	waits       bool // it may wait for a run, and is bounded by itself

	free []free // arguments of any shape
}

// free is an argument whose shape is not the tool's to know: of a JSON type, or of any.
type free struct{ name, kind, about string }

// call is a call of a tool.
type call struct {
	*Server
	request *mcp.CallToolRequest
	client  string // what the client calls itself
	actor   Actor
	free    map[string]json.RawMessage
	links   []mcp.Content // to what belongs to the result
}

// add adds a tool whose arguments are a T. What its function returns is the result, as JSON, or
// a result of the library as it is; its error is a result that says so, which the client's
// model can read.
func add[T any](s *Server, d definition, f func(context.Context, *call, T) (any, error)) {
	args, err := schema.For[T]()
	if err != nil {
		panic(fmt.Sprintf("mcpserver: arguments of %s: %v", d.name, err))
	}
	s.addTool(d, withFree(withoutNull(args.JSON()), d.free), nil, func(ctx context.Context, c *call) (any, error) {
		var in T
		if err := c.read(args, d.free, &in); err != nil {
			return nil, err
		}
		return f(ctx, c, in)
	})
}

// addTool adds a tool that reads its arguments itself.
func (s *Server) addTool(d definition, input, output json.RawMessage, f func(context.Context, *call) (any, error)) {
	t := &mcp.Tool{Name: d.name, Title: d.title, Description: d.about, InputSchema: input, Annotations: &mcp.ToolAnnotations{
		Title: d.title, ReadOnlyHint: !d.operates, DestructiveHint: new(d.destructive), IdempotentHint: d.once || !d.operates, OpenWorldHint: new(d.open),
	}}
	if output != nil {
		t.OutputSchema = output
	}
	s.sdk.AddTool(t, func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		client := clientName(r.ClientInfo())
		c := &call{Server: s, request: r, client: client, actor: actorOf(r.Extra, client)}
		out, err := c.answer(ctx, d, f)
		if wrong := (*jsonrpc.Error)(nil); errors.As(err, &wrong) {
			return nil, wrong // of the protocol; the library wants it as it is
		}
		if err != nil {
			return s.failed(d.name, err), nil
		}
		if result, ok := out.(*mcp.CallToolResult); ok {
			return result, nil
		}
		text, err := schema.Marshal(out)
		if err != nil {
			return s.failed(d.name, err), nil
		}
		return &mcp.CallToolResult{Content: append([]mcp.Content{&mcp.TextContent{Text: string(text)}}, c.links...), StructuredContent: text}, nil
	})
}

// answer does what a tool does, in its turn.
func (c *call) answer(ctx context.Context, d definition, f func(context.Context, *call) (any, error)) (out any, err error) {
	defer func() {
		if v := recover(); v != nil {
			c.log.Error("a tool met a defect", "tool", d.name, "panic", v, "stack", string(debug.Stack()))
			err = &pawl.Error{Kind: pawl.ErrInternal, Message: "the tool met a defect in the server; its log says more"}
		}
	}()
	if err := c.mayCall(d); err != nil {
		return nil, err
	}
	if !d.waits {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	leave, err := c.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { leave() }()
	return f(ctx, c)
}

// mayCall refuses a tool that is for others.
func (c *call) mayCall(d definition) error {
	a := c.actor
	switch {
	case !d.operates, a.Operate, d.starts && a.Start:
		return nil
	case a.Start:
		return &pawl.Error{Kind: kindForbidden, Message: a.Name + " may start runs, and not steer or decide", Hint: "give the client a token of an operator"}
	}
	return &pawl.Error{Kind: kindForbidden, Message: a.Name + " may look at runs, and not start, steer or decide", Hint: "give the client a token of a starter or an operator"}
}

// enter waits for a turn to work on an answer, and returns what gives it back.
func (s *Server) enter(ctx context.Context) (leave func(), err error) {
	select {
	case s.turns <- struct{}{}:
		return func() { <-s.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// meanwhile gives the turn back for as long as something is waited for.
func (c *call) meanwhile(wait func()) {
	<-c.turns
	defer func() { c.turns <- struct{}{} }()
	wait()
}

// read reads a call's arguments.
func (c *call) read(args *schema.Schema, frees []free, into any) error {
	raw := c.request.Params.Arguments
	if len(raw) == 0 || string(raw) == "null" {
		raw = json.RawMessage("{}")
	}
	members, err := schema.Members(raw)
	if err != nil {
		return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("the arguments: %v", err), Err: err}
	}
	c.free = map[string]json.RawMessage{}
	rest := []byte{'{'}
	for _, m := range members {
		if slices.ContainsFunc(frees, func(f free) bool { return f.name == m.Name }) {
			if _, twice := c.free[m.Name]; twice {
				return badArgument(m.Name, "is given twice")
			}
			c.free[m.Name] = m.Value
			continue
		}
		if len(rest) > 1 {
			rest = append(rest, ',')
		}
		name, err := schema.Encode(m.Name)
		if err != nil {
			return err
		}
		rest = append(append(append(rest, name...), ':'), m.Value...)
	}
	checked, err := args.Check(append(rest, '}'))
	if err != nil {
		return &pawl.Error{Kind: pawl.ErrInput, Message: "arguments: " + err.Error(), Err: err}
	}
	return schema.Unmarshal(checked, into)
}

// orNull is how a schema says that a value may be null.
var orNull = late.Regexp(`"type":\["(\w+)","null"\]`)

// withoutNull is a schema of arguments that says of none that it may be null: one that may is
// left out as well, and some providers of models refuse a tool with a list of types. Null is
// taken all the same.
func withoutNull(doc json.RawMessage) json.RawMessage {
	return orNull().ReplaceAll(doc, []byte(`"type":"$1"`))
}

// withFree adds to the schema of arguments those of any shape.
func withFree(doc json.RawMessage, frees []free) json.RawMessage {
	if len(frees) == 0 {
		return doc
	}
	var of struct {
		Type       string                     `json:"type"`
		Properties map[string]json.RawMessage `json:"properties"`
		Required   []string                   `json:"required,omitempty"`
		Additional bool                       `json:"additionalProperties"`
	}
	err := json.Unmarshal(doc, &of)
	for _, f := range frees {
		if of.Properties == nil {
			of.Properties = map[string]json.RawMessage{}
		}
		of.Properties[f.name], _ = json.Marshal(struct { // texts are JSON
			Type  string `json:"type,omitempty"`
			About string `json:"description"`
		}{f.kind, f.about})
	}
	if doc, err2 := json.Marshal(of); err == nil && err2 == nil {
		return doc
	}
	panic(fmt.Sprintf("mcpserver: schema of arguments: %v", err)) // it is one of ours
}
