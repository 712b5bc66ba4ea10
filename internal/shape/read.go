package shape

import (
	"bytes"
	"go/ast"
	"go/printer"
	"go/token"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/pattern"
)

const (
	pawlPath    = "github.com/pawlrun/pawl"
	patternPath = pawlPath + "/pattern"

	maxNodes = 2_000   // that are shown
	maxSteps = 200_000 // of the reading: code that calls in a wide tree is cut
	maxText  = 200     // bytes of a condition
)

// OfSource reads the shape of a flow from the files that it carries, or returns nil if it
// carries none or its function is not in them. flows are those that it may call.
func OfSource(info pawl.FlowInfo, flows []pawl.FlowInfo) *Shape {
	if info.Sources == nil {
		return nil
	}
	r := &reader{prompts: info.Prompts, flows: flows, own: parse(info.Sources), patterns: parse(pattern.Source())}
	for _, f := range flows {
		if f.Sources != nil && f.Name != info.Name {
			r.others = append(r.others, parse(f.Sources)...)
		}
	}
	f := r.find(info.Name)
	if f == nil || f.fn.fn == nil {
		return nil
	}
	s := &Shape{Flow: info.Name, From: FromSource, Nodes: r.nodesOf(func() { r.call(f.fn.fn, []value{{run: true}, {}}) })}
	s.Whole = !r.full()
	return s
}

// reader follows the code of a flow.
type reader struct {
	prompts  []pawl.PromptInfo // of the flow whose code is read
	flows    []pawl.FlowInfo
	own      []*code // of the flow that is described
	others   []*code // of the flows that it may call
	patterns []*code

	nodes  []*Node    // those of the block that is read
	scope  string     // what the keys of its steps begin with
	active []ast.Node // functions that are being read
	count  int        // of nodes
	steps  int
}

func (r *reader) full() bool { return r.count > maxNodes || r.steps > maxSteps }

// nodesOf returns the nodes that read adds.
func (r *reader) nodesOf(read func()) []*Node {
	outer := r.nodes
	r.nodes = []*Node{}
	read()
	inner := r.nodes
	r.nodes = outer
	return inner
}

func (r *reader) add(n *Node) {
	if r.count++; !r.full() {
		if n.Nodes == nil {
			n.Nodes = []*Node{}
		}
		r.nodes = append(r.nodes, n)
	}
}

// find returns the flow of that name among those that the own code makes.
func (r *reader) find(name string) *flow {
	for _, c := range r.own {
		var found *flow
		for _, f := range c.files {
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if ok && found == nil && c.function(call.Fun) == "New" && len(call.Args) > 2 {
					if made := r.newFlow(c, call, &env{}); made.name == name {
						found = made
					}
				}
				return found == nil
			})
		}
		if found != nil {
			return found
		}
	}
	return nil
}

func (r *reader) newFlow(c *code, call *ast.CallExpr, e *env) *flow {
	name := r.eval(c, call.Args[0], e).text
	return &flow{name, r.eval(c, call.Args[2], e)}
}

// call reads a function with what is known of its arguments, and returns what is known of
// its first result.
func (r *reader) call(f *closure, args []value) value {
	for _, n := range r.active {
		if n == f.node {
			r.again(f)
			return value{}
		}
	}
	if r.steps++; r.full() || f.body == nil {
		return value{}
	}
	e := f.env.inner()
	i := 0
	for _, p := range f.params {
		for _, name := range p.Names {
			switch _, variadic := p.Type.(*ast.Ellipsis); {
			case variadic:
				e.declare(name.Name, value{list: args[min(i, len(args)):], listed: true})
			case i < len(args):
				e.declare(name.Name, args[i])
			default:
				e.declare(name.Name, value{})
			}
			i++
		}
	}
	if f.receiver != "" {
		e.declare(f.receiver, value{})
	}
	r.active = append(r.active, f.node)
	b := &block{reader: r, code: f.code, env: e, results: new([]value)}
	b.statements(f.body.List)
	r.active = r.active[:len(r.active)-1]
	return b.result()
}

// again says that a function calls itself, if it has steps.
func (r *reader) again(f *closure) {
	name := "the function around this"
	if d, ok := f.node.(*ast.FuncDecl); ok {
		name = d.Name.Name
	}
	source, last := f.code.place(f.node)
	r.add(&Node{Type: Again, Text: name, Source: source, last: last})
}

// text returns a piece of code in one line.
func (c *code) text(n ast.Node) string {
	var b bytes.Buffer
	_ = printer.Fprint(&b, token.NewFileSet(), n)
	s := strings.Join(strings.Fields(b.String()), " ")
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return s
}

// function returns the name of the function of package pawl that is called; empty: of none.
func (c *code) function(fun ast.Expr) string { return c.functionOf(fun, pawlPath) }

func (c *code) functionOf(fun ast.Expr, pkg string) string {
	if sel, ok := plain(fun).(*ast.SelectorExpr); ok {
		if x, ok := sel.X.(*ast.Ident); ok && c.imported(x, x.Name) == pkg {
			return sel.Sel.Name
		}
	}
	return ""
}

// plain takes parentheses and type arguments off an expression.
func plain(x ast.Expr) ast.Expr {
	for {
		switch y := x.(type) {
		case *ast.ParenExpr:
			x = y.X
		case *ast.IndexExpr:
			x = y.X
		case *ast.IndexListExpr:
			x = y.X
		default:
			return x
		}
	}
}
