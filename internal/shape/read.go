package shape

import (
	"bytes"
	"go/ast"
	"go/printer"
	"go/token"
	"slices"
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
	r.count, r.steps = 0, 0
	s := &Shape{Flow: info.Name, From: FromSource, Nodes: r.nodesOf(func() {
		r.all, r.read = nil, map[ast.Node]bool{}
		r.call(f.fn.fn, []value{{run: true}, {}})
		r.unread()
	})}
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

	nodes  []*Node           // those of the block that is read
	scope  string            // what the keys of its steps begin with
	active []active          // functions that are being read
	all    []*closure        // that were made
	read   map[ast.Node]bool // those that were read
	count  int               // of nodes
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
	r.read = map[ast.Node]bool{}
	for _, c := range r.own {
		for _, x := range c.vars { // that a function makes
			if call, ok := x.(*ast.CallExpr); ok && c.function(call.Fun) == "" {
				var v value
				r.nodesOf(func() { v = r.callExpr(c, call, nil) })
				if v.flow != nil && v.flow.name == name {
					return v.flow
				}
			}
		}
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
	me := active{f.node, f.env, held(args)}
	if r.calls(me) {
		r.again(f)
		return value{}
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
				e.declare(name.Name, typed(f.code, p.Type))
			}
			if e.vars[name.Name].isZero() {
				e.declare(name.Name, typed(f.code, p.Type))
			}
			i++
		}
	}
	if f.receiver != "" {
		e.declare(f.receiver, f.on)
	}
	for _, name := range f.results {
		e.declare(name, value{})
	}
	r.active, r.read[f.node] = append(r.active, me), true
	b := &block{reader: r, code: f.code, env: e, function: &function{named: f.results}}
	nodes := r.nodesOf(func() {
		b.statements(f.body.List)
		for _, fn := range slices.Backward(b.function.defers) {
			fn()
		}
	})
	r.active = r.active[:len(r.active)-1]
	if !onlyAgain(nodes, f.code.nameOf(f)) {
		r.nodes = append(r.nodes, nodes...)
	}
	return result(b.function.results)
}

// result is what is known of a call: its first result, which has all with it if there are
// several.
func result(all []value) value {
	if len(all) == 0 {
		return value{}
	}
	v := all[0]
	if len(all) > 1 {
		v.tuple = all
	}
	return v
}

// active is a function that is being read, with the functions that it was given: with others
// it is not the same again.
type active struct {
	node  ast.Node
	env   *env
	given []value
}

// mostActive is how often a function is read within itself with other functions.
const mostActive = 12

// calls reports whether a function calls itself.
func (r *reader) calls(me active) bool {
	times := 0
	for _, a := range r.active {
		if a.node != me.node {
			continue
		}
		if times++; times >= mostActive || a.env == me.env && slices.EqualFunc(a.given, me.given, sameHeld) {
			return true
		}
	}
	return false
}

func held(args []value) (all []value) {
	for _, a := range args {
		all = append(all, a.held()...)
	}
	return all
}

// onlyAgain reports whether nothing happens but that the function of that name calls itself.
func onlyAgain(nodes []*Node, name string) bool {
	for _, n := range nodes {
		switch {
		case n.Type == Again && n.Text == name:
		case n.Type != Choice && n.Type != Case && n.Type != Loop, !onlyAgain(n.Nodes, name):
			return false
		}
	}
	return true
}

// made is a value that is a function. It is noted, so that no function with steps is lost in
// a place that nobody follows.
func (r *reader) made(f *closure) value {
	r.all = append(r.all, f)
	return value{fn: f}
}

// unread adds the functions that were made and, as far as is known, not called.
func (r *reader) unread() {
	for i := 0; i < len(r.all) && !r.full(); i++ {
		f := r.all[i]
		if r.read[f.node] {
			continue
		}
		if nodes := r.nodesOf(func() { r.call(f, nil) }); happens(nodes) {
			r.opaque(f.code, f.node, f.node, nodes)
		}
	}
}

// nameOf is how a function is called in a picture.
func (c *code) nameOf(f *closure) string {
	if d, ok := f.node.(*ast.FuncDecl); ok {
		return d.Name.Name
	}
	return "the function around this"
}

// again says that a function calls itself.
func (r *reader) again(f *closure) {
	source, last := f.code.place(f.node)
	r.add(&Node{Type: Again, Text: f.code.nameOf(f), Source: source, last: last})
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
	if id, ok := plain(fun).(*ast.Ident); ok && c.funcs[id.Name] == nil && c.imported(id, ".") == pkg {
		return id.Name
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
