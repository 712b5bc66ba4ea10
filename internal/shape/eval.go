package shape

import (
	"go/ast"
	"go/token"
	"slices"
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
		return r.made(&closure{code: c, node: x, params: x.Type.Params.List, body: x.Body, env: e, results: names(x.Type.Results)})
	case *ast.CompositeLit:
		return r.literal(c, x, e)
	case *ast.BinaryExpr:
		if x.Op == token.LAND || x.Op == token.LOR {
			r.half(c, x, e)
			return value{}
		}
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
		return r.eval(c, x.X, e)
	case *ast.SliceExpr:
		return value{holds: r.eval(c, x.X, e).held()}
	case *ast.IndexExpr:
		v := r.eval(c, x.X, e)
		r.eval(c, x.Index, e)
		if v.fn != nil { // with type arguments
			return v
		}
		return v.element()
	case *ast.IndexListExpr:
		return r.eval(c, x.X, e)
	}
	return value{}
}

// half reads a && b or a || b: what stands behind it may not be asked.
func (r *reader) half(c *code, x *ast.BinaryExpr, e *env) {
	r.eval(c, x.X, e)
	nodes := r.nodesOf(func() { r.eval(c, x.Y, e) })
	if len(nodes) == 0 {
		return
	}
	cond := c.text(x.X)
	text := "if " + cond
	if x.Op == token.LOR {
		text = unless(x.X, cond)
	}
	r.add(&Node{Type: Choice, Nodes: []*Node{{Type: Case, Text: text, Nodes: nodes}}})
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
		return r.made(&closure{code: c, node: d, params: d.Type.Params.List, body: d.Body, results: names(d.Type.Results)})
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
	if v = r.method(c, on, x.Sel.Name); v.isZero() {
		v = c.field(on.typ, x.Sel.Name)
		v.holds = on.held()
	}
	return v, on
}

// method returns what is known of a method: that of the type or, where this is not known or
// has none, one of all that there are.
func (r *reader) method(c *code, on value, name string) value {
	all := c.methods[name]
	if on.run || on.prompt != "" || on.known || strings.Contains(on.typ, ".") {
		return value{}
	}
	for _, d := range all {
		if on.typ != "" && typed(c, d.Recv.List[0].Type).typ == on.typ {
			return r.made(method(c, d, on))
		}
	}
	if len(all) == 1 && takesRun(c, all[0]) {
		return r.made(method(c, all[0], on))
	}
	var v value
	for _, d := range all {
		v.holds = append(v.holds, value{fn: method(c, d, value{})})
	}
	return v
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

func method(c *code, d *ast.FuncDecl, on value) *closure {
	f := &closure{code: c, node: d, params: d.Type.Params.List, body: d.Body, results: names(d.Type.Results), on: on}
	if on.isZero() {
		f.on = typed(c, d.Recv.List[0].Type)
	}
	if names := d.Recv.List[0].Names; len(names) > 0 {
		f.receiver = names[0].Name
	}
	return f
}

// takesRun reports whether a function has a parameter of type *pawl.Run.
func takesRun(c *code, d *ast.FuncDecl) bool {
	for _, p := range d.Type.Params.List {
		if isRun(c, p.Type) {
			return true
		}
	}
	return false
}

func isRun(c *code, t ast.Expr) bool {
	star, ok := t.(*ast.StarExpr)
	return ok && c.function(star.X) == "Run"
}

// typed is a value of which the type is known.
func typed(c *code, t ast.Expr) value {
	if isRun(c, t) {
		return value{run: true}
	}
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	switch t := plain(t).(type) {
	case *ast.Ident:
		if c.types[t.Name] != nil {
			return value{typ: t.Name}
		}
	case *ast.SelectorExpr:
		return value{typ: c.text(t)}
	}
	return value{}
}

// field returns what is known of a field by its type.
func (c *code) field(typ, name string) value {
	if s, ok := c.types[typ].(*ast.StructType); ok {
		for _, f := range s.Fields.List {
			if slices.ContainsFunc(f.Names, func(id *ast.Ident) bool { return id.Name == name }) || len(f.Names) == 0 && name == "Run" {
				return typed(c, f.Type)
			}
		}
	}
	return value{}
}

// names are those of a function's results; none: they have none.
func names(results *ast.FieldList) (all []string) {
	if results == nil {
		return nil
	}
	for _, f := range results.List {
		for _, name := range f.Names {
			all = append(all, name.Name)
		}
	}
	return all
}

func (r *reader) literal(c *code, x *ast.CompositeLit, e *env) value {
	v := value{}
	if x.Type != nil {
		v = typed(c, x.Type)
	}
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
			continue
		}
		r.eval(c, kv.Key, e)
		v.listed, v.holds = false, append(v.holds, is.held()...)
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
		return value{list: append(append([]value(nil), args[0].list...), args[1:]...), listed: args[0].listed || args[0].isZero(), holds: args[0].holds}
	}
	if target.fn != nil {
		return r.call(target.fn, args)
	}
	if id, ok := plain(x.Fun).(*ast.Ident); ok {
		if _, local := e.get(id.Name); !local && c.types[id.Name] != nil && len(args) == 1 {
			return args[0] // a conversion
		}
		if slices.Contains(builtins, id.Name) {
			return value{}
		}
	}
	if held := target.held(); len(held) > 0 {
		return r.oneOf(c, x, held, args)
	}
	return r.foreign(c, x, on, args)
}

// oneOf reads a call of a function that is one of several.
func (r *reader) oneOf(c *code, x *ast.CallExpr, held, args []value) (v value) {
	nodes := r.nodesOf(func() {
		for _, h := range held {
			if h.fn != nil {
				v = merge(v, r.call(h.fn, args))
			}
		}
	})
	if happens(nodes) || slices.ContainsFunc(args, value.hasRun) {
		r.opaque(c, ast.Unparen(x.Fun), x, nodes)
	}
	return v
}

// builtins are functions of Go that call none.
var builtins = []string{"cap", "clear", "close", "complex", "copy", "delete", "imag", "len", "make", "max", "min", "new", "panic", "print", "println", "real", "recover"}

// opaque says that code could not be followed.
func (r *reader) opaque(c *code, what, at ast.Node, nodes []*Node) {
	source, last := c.place(at)
	text := c.text(what)
	switch x := what.(type) {
	case *ast.FuncLit:
		text = "func"
	case *ast.FuncDecl:
		text = x.Name.Name
	}
	r.add(&Node{Type: Opaque, Text: text, Source: source, last: last, Nodes: nodes})
}

// args reads the arguments of a call. A list behind "..." is what it holds.
func (r *reader) args(c *code, x *ast.CallExpr, e *env) []value {
	var args []value
	for i, a := range x.Args {
		v := r.eval(c, a, e)
		if i == len(x.Args)-1 && x.Ellipsis.IsValid() {
			args = append(append(args, v.list...), v.holds...)
			if !v.listed && len(v.holds) == 0 {
				args = append(args, v)
			}
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
		given = given || a.hasRun()
		for _, h := range a.held() {
			if h.fn != nil {
				inside = append(inside, r.nodesOf(func() { r.call(h.fn, nil) })...)
			}
		}
	}
	given = given || on.hasRun()
	if on.run || !given && !happens(inside) {
		return v
	}
	r.opaque(c, plain(x.Fun), x, inside)
	return v
}
