package shape

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// eval reads an expression: it adds the steps that stand in it, in the order in which they
// are called, and returns what is known of its value.
func (r *reader) eval(c *code, x ast.Expr, e *env) value {
	if r.steps++; r.full() {
		return value{}
	}
	switch x := x.(type) {
	case *ast.BasicLit:
		if x.Kind == token.STRING {
			s, _ := strconv.Unquote(x.Value)
			return value{text: s, known: true}
		}
	case *ast.Ident:
		return r.ident(c, x.Name, e)
	case *ast.SelectorExpr:
		v, _ := r.selector(c, x, e)
		return v
	case *ast.CallExpr:
		return r.callExpr(c, x, e)
	case *ast.FuncLit:
		return value{fn: &closure{code: c, node: x, params: x.Type.Params.List, body: x.Body, env: e}}
	case *ast.CompositeLit:
		return r.literal(c, x, e)
	case *ast.BinaryExpr:
		a, b := r.eval(c, x.X, e), r.eval(c, x.Y, e)
		if x.Op == token.ADD && (a.known || b.known) {
			return value{text: a.orStar() + b.orStar(), known: true}
		}
	case *ast.UnaryExpr:
		return r.eval(c, x.X, e)
	case *ast.ParenExpr:
		return r.eval(c, x.X, e)
	case *ast.StarExpr:
		return r.eval(c, x.X, e)
	case *ast.TypeAssertExpr:
		r.eval(c, x.X, e)
	case *ast.SliceExpr:
		r.eval(c, x.X, e)
	case *ast.IndexExpr:
		v := r.eval(c, x.X, e)
		r.eval(c, x.Index, e)
		if v.fn != nil { // with type arguments
			return v
		}
	case *ast.IndexListExpr:
		return r.eval(c, x.X, e)
	}
	return value{}
}

func (v value) orStar() string {
	if v.known {
		return v.text
	}
	return "*"
}

func (r *reader) ident(c *code, name string, e *env) value {
	if v, ok := e.get(name); ok {
		return v
	}
	return r.global(c, name)
}

// global returns what is known of a package's variable, constant or function.
func (r *reader) global(c *code, name string) value {
	if d := c.funcs[name]; d != nil {
		return value{fn: &closure{code: c, node: d, params: d.Type.Params.List, body: d.Body}}
	}
	x := c.vars[name]
	if x == nil {
		return value{}
	}
	if call, ok := x.(*ast.CallExpr); ok {
		switch c.function(call.Fun) {
		case "MustPrompt", "PromptText", "New":
		default:
			return value{} // it is called before the flow, and no step of it
		}
	}
	return r.eval(c, x, nil)
}

// selector returns what is known of x.Sel, and of what it is selected from.
func (r *reader) selector(c *code, x *ast.SelectorExpr, e *env) (v, on value) {
	if pkg, ok := x.X.(*ast.Ident); ok {
		if _, local := e.get(pkg.Name); !local {
			if p := c.imported(x, pkg.Name); p != "" {
				return r.exported(p, x.Sel.Name), value{}
			}
		}
	}
	on = r.eval(c, x.X, e)
	if f, ok := on.fields[x.Sel.Name]; ok {
		return f, on
	}
	if d := c.methods[x.Sel.Name]; d != nil && takesRun(c, d) {
		return value{fn: method(c, d)}, on
	}
	return value{}, on
}

// exported returns what is known of a name of another package: of the patterns, and of the
// flows that may be called.
func (r *reader) exported(pkg, name string) value {
	from := r.others
	if pkg == patternPath {
		from = r.patterns
	} else if pkg == pawlPath {
		return value{}
	}
	base := pkg[strings.LastIndexByte(pkg, '/')+1:]
	for _, o := range append(append([]*code(nil), from...), r.own...) {
		if o.name == base {
			if v := r.global(o, name); v.fn != nil || v.flow != nil || v.known {
				return v
			}
		}
	}
	return value{}
}

func method(c *code, d *ast.FuncDecl) *closure {
	f := &closure{code: c, node: d, params: d.Type.Params.List, body: d.Body}
	if names := d.Recv.List[0].Names; len(names) > 0 {
		f.receiver = names[0].Name
	}
	return f
}

// takesRun reports whether a function has a parameter of type *pawl.Run.
func takesRun(c *code, d *ast.FuncDecl) bool {
	for _, p := range d.Type.Params.List {
		if star, ok := p.Type.(*ast.StarExpr); ok && c.function(star.X) == "Run" {
			return true
		}
	}
	return false
}

func (r *reader) literal(c *code, x *ast.CompositeLit, e *env) value {
	v := value{}
	_, v.listed = x.Type.(*ast.ArrayType)
	for _, el := range x.Elts {
		kv, ok := el.(*ast.KeyValueExpr)
		if !ok {
			v.list = append(v.list, r.eval(c, el, e))
			continue
		}
		is := r.eval(c, kv.Value, e)
		if name, ok := kv.Key.(*ast.Ident); ok && !v.listed {
			if v.fields == nil {
				v.fields = map[string]value{}
			}
			v.fields[name.Name] = is
		}
	}
	return v
}

// callExpr reads a call: its arguments, and then what it calls.
func (r *reader) callExpr(c *code, x *ast.CallExpr, e *env) value {
	if name := c.function(x.Fun); name != "" {
		return r.primitive(c, name, x, e)
	}
	if pattern := c.functionOf(x.Fun, patternPath); pattern != "" {
		return r.pattern(c, pattern, x, e)
	}
	var target, on value
	if sel, ok := plain(x.Fun).(*ast.SelectorExpr); ok {
		target, on = r.selector(c, sel, e)
	} else {
		target = r.eval(c, plain(x.Fun), e)
	}
	args := r.args(c, x, e)
	if id, ok := x.Fun.(*ast.Ident); ok && id.Name == "append" && len(args) > 0 {
		return value{list: append(append([]value(nil), args[0].list...), args[1:]...), listed: args[0].listed || args[0].isZero()}
	}
	if target.fn != nil {
		return r.call(target.fn, args)
	}
	return r.foreign(c, x, on, args)
}

// args reads the arguments of a call. A list behind "..." is what it holds.
func (r *reader) args(c *code, x *ast.CallExpr, e *env) []value {
	var args []value
	for i, a := range x.Args {
		v := r.eval(c, a, e)
		if i == len(x.Args)-1 && x.Ellipsis.IsValid() {
			args = append(args, v.list...)
			continue
		}
		args = append(args, v)
	}
	return args
}

// foreign reads a call of what is not in the code: a question stays one, whatever is added to
// it, and a function that is given the run, or functions with steps, is not hidden.
func (r *reader) foreign(c *code, x *ast.CallExpr, on value, args []value) value {
	v := value{prompt: on.prompt, purpose: on.purpose}
	given := false
	var inside []*Node
	for _, a := range args {
		if v.prompt == "" {
			v.prompt = a.prompt
		}
		given = given || a.run
		if a.fn != nil {
			inside = append(inside, r.nodesOf(func() { r.call(a.fn, nil) })...)
		}
	}
	if on.run || !given && len(inside) == 0 {
		return v
	}
	source, last := c.place(x)
	r.add(&Node{Type: Opaque, Text: c.text(plain(x.Fun)), Source: source, last: last, Nodes: inside})
	return v
}
