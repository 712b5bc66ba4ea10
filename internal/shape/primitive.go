package shape

import (
	"go/ast"
	"path"
	"strings"

	"github.com/pawlrun/pawl"
)

// kinds are the functions of the author's page that make steps.
var kinds = map[string]pawl.Kind{
	"Ask": pawl.KindAsk, "TryAsk": pawl.KindAsk,
	"Do": pawl.KindDo, "TryDo": pawl.KindDo, "Exec": pawl.KindDo,
	"Approve": pawl.KindApprove, "Input": pawl.KindInput,
	"Await": pawl.KindAwait, "TryAwait": pawl.KindAwait, "Sleep": pawl.KindSleep,
	"Map": pawl.KindMap, "TryMap": pawl.KindMap,
	"Parallel": pawl.KindParallel,
	"Call":     pawl.KindCall, "TryCall": pawl.KindCall,
}

// primitive reads a call of a function of package pawl.
func (r *reader) primitive(c *code, name string, x *ast.CallExpr, e *env) value {
	switch name {
	case "MustPrompt", "PromptText":
		return value{prompt: r.promptName(c, name, x, e)}
	case "New":
		if len(x.Args) > 2 {
			return value{flow: r.newFlow(c, x, e)}
		}
		return value{}
	}
	args := r.args(c, x, e)
	at := func(i int) value {
		if i < len(args) {
			return args[i]
		}
		return value{}
	}
	switch name {
	case "Go":
		return value{branch: &branch{at(0).orStar(), c, x, at(1)}}
	case "Purpose", "Messages":
		return value{purpose: at(0).whole()}
	}
	kind, ok := kinds[name]
	if !ok {
		return r.foreign(c, x, value{}, args)
	}
	n := &Node{Type: Step, Kind: kind, Boundary: pawl.BoundaryOf(kind), Text: at(1).orStar()}
	n.Key = r.scope + n.Text
	n.Source, n.last = c.place(x)
	for _, option := range args {
		if n.Purpose == "" {
			n.Purpose = option.purpose
		}
	}
	switch kind {
	case pawl.KindAsk:
		r.asked(n, at(2))
	case pawl.KindApprove:
		n.Purpose = at(3).whole()
	case pawl.KindInput:
		n.Purpose = at(2).whole()
	case pawl.KindMap:
		n.Type = Scope
		n.Nodes = r.under(n.Key+"[]/", func() { r.callback(c, x, 3, at(3)) })
	case pawl.KindCall:
		n.Type = Scope
		r.called(c, n, at(2), x)
	case pawl.KindParallel:
		n.Type = Scope
		n.Nodes = r.branches(c, n.Key, x, args[min(2, len(args)):])
	}
	r.add(n)
	return value{}
}

// asked says of an ask what it is asked with.
func (r *reader) asked(n *Node, q value) {
	n.Prompt = q.prompt
	for _, p := range r.prompts {
		if p.Name == n.Prompt {
			n.Purpose = p.Purpose
		}
	}
}

// called reads the flow that is called; without its code the call says what it is of.
func (r *reader) called(c *code, n *Node, f value, x *ast.CallExpr) {
	if f.flow == nil || f.flow.fn.fn == nil {
		if len(x.Args) > 2 && n.Purpose == "" {
			n.Purpose = "calls " + c.text(x.Args[2])
		}
		return
	}
	if n.Purpose == "" {
		n.Purpose = "calls " + f.flow.name
	}
	outer := r.prompts
	r.prompts = promptsOf(r.flows, f.flow.name)
	n.Nodes = r.under(n.Key+"/", func() { r.call(f.flow.fn.fn, []value{{run: true}, {}}) })
	r.prompts = outer
}

func promptsOf(flows []pawl.FlowInfo, name string) []pawl.PromptInfo {
	for _, f := range flows {
		if f.Name == name {
			return f.Prompts
		}
	}
	return nil
}

func (r *reader) branches(c *code, key string, x *ast.CallExpr, args []value) []*Node {
	return r.under(key+"/", func() {
		for i, a := range args {
			if held := a.held(); a.branch == nil && len(held) > 0 {
				a = held[0]
			}
			if a.branch == nil {
				r.opaque(c, x.Args[min(i+2, len(x.Args)-1)], x, nil)
				continue
			}
			b := &Node{Type: Branch, Key: key + "/" + a.branch.name, Text: a.branch.name}
			b.Nodes = r.under(b.Key+"/", func() { r.callback(a.branch.code, a.branch.at, 1, a.branch.fn) })
			r.add(b)
		}
	})
}

// under returns the nodes that read adds, with keys that begin so.
func (r *reader) under(scope string, read func()) []*Node {
	outer := r.scope
	r.scope = scope
	nodes := r.nodesOf(read)
	r.scope = outer
	return nodes
}

// callback reads the function that a primitive is given as an argument.
func (r *reader) callback(c *code, x *ast.CallExpr, i int, f value) {
	switch {
	case f.fn != nil:
		r.call(f.fn, []value{{run: true}})
	case i < len(x.Args):
		nodes := r.nodesOf(func() {
			for _, h := range f.held() {
				r.call(h.fn, []value{{run: true}})
			}
		})
		r.opaque(c, x.Args[i], x, nodes)
	}
}

// promptName returns the name of the prompt that MustPrompt or PromptText makes.
func (r *reader) promptName(c *code, maker string, x *ast.CallExpr, e *env) string {
	if len(x.Args) == 0 {
		return ""
	}
	text := r.eval(c, x.Args[len(x.Args)-1], e).text
	if maker == "MustPrompt" {
		return strings.TrimSuffix(path.Base(text), ".md")
	}
	for _, p := range r.prompts {
		if strings.TrimPrefix(text, "\n") == p.Text {
			return p.Name
		}
	}
	return ""
}

// pattern reads a call of a pattern: its nodes stand in a group of its name.
func (r *reader) pattern(c *code, name string, x *ast.CallExpr, e *env) value {
	target := r.exported(patternPath, name)
	args := r.args(c, x, e)
	if target.fn == nil {
		return r.foreign(c, x, value{}, args)
	}
	source, last := c.place(x)
	var v value
	if nodes := r.nodesOf(func() { v = r.call(target.fn, args) }); len(nodes) > 0 {
		r.add(&Node{Type: Group, Text: strings.ToLower(name), Source: source, last: last, Nodes: nodes})
	}
	return v
}
