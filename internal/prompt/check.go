package prompt

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/pawlrun/pawl/schema"
)

// templateCheck walks a template with what is known of each value and keeps the
// first error.
type templateCheck struct {
	all  *template.Template
	line int // of the file, where the template begins
	seen map[visit]bool
	err  error
}

// known is what is known of a value. A type that cannot be known (the result of
// a function, say) is nil, and nothing is said of it.
type known struct {
	t reflect.Type
	u *use
}

type vars map[string]*known

// visit is one {{template}} called with one value.
type visit struct {
	name string
	dot  known
}

func (c *templateCheck) list(l *parse.ListNode, dot known, v vars) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			got := c.pipe(n.Pipe, dot, v)
			if len(n.Pipe.Decl) == 0 {
				got.u.all()
				c.shows(n.Pipe, got, value(n.Pipe, len(n.Pipe.Cmds)))
			}
		case *parse.IfNode:
			inner := maps.Clone(v)
			c.pipe(n.Pipe, dot, inner)
			c.list(n.List, dot, inner)
			c.list(n.ElseList, dot, inner)
		case *parse.WithNode:
			inner := maps.Clone(v)
			got := c.pipe(n.Pipe, dot, inner)
			c.list(n.List, got, inner)
			c.list(n.ElseList, dot, inner)
		case *parse.RangeNode:
			c.rangeNode(n, dot, maps.Clone(v))
		case *parse.TemplateNode:
			c.template(n, dot, v)
		}
	}
}

func (c *templateCheck) rangeNode(n *parse.RangeNode, dot known, v vars) {
	got := c.pipe(n.Pipe, dot, v)
	got.u.all()
	var elem, index known
	if got.t != nil {
		switch d := deref(got.t); d.Kind() {
		case reflect.Slice, reflect.Array:
			elem.t, index.t = d.Elem(), reflect.TypeFor[int]()
		case reflect.Map:
			elem.t, index.t = d.Elem(), d.Key()
		case reflect.Int:
			elem.t, index.t = d, d
		case reflect.String, reflect.Bool, reflect.Struct, reflect.Float32, reflect.Float64:
			c.fail(n.Pipe, "%v cannot be ranged over", d)
		}
	}
	if decl := n.Pipe.Decl; !n.Pipe.IsAssign && len(decl) > 0 {
		v[decl[0].Ident[0]] = &index
		v[decl[len(decl)-1].Ident[0]] = &elem
	}
	c.list(n.List, elem, v)
	c.list(n.ElseList, dot, v)
}

// template follows {{template "name" pipe}}, once for each value.
func (c *templateCheck) template(n *parse.TemplateNode, dot known, v vars) {
	var got known
	if n.Pipe != nil {
		got = c.pipe(n.Pipe, dot, v)
	}
	called := c.all.Lookup(n.Name)
	if called == nil || called.Tree == nil {
		c.fail(n, "template %q is not defined", n.Name)
		return
	}
	if at := (visit{n.Name, got}); !c.seen[at] {
		c.seen[at] = true
		c.list(called.Root, got, vars{"$": &got})
	}
}

// pipe returns what is known of a pipeline's value.
func (c *templateCheck) pipe(p *parse.PipeNode, dot known, v vars) known {
	var got known
	for i, cmd := range p.Cmds {
		if i == 0 && len(cmd.Args) == 1 {
			got = c.arg(cmd.Args[0], dot, v)
			continue
		}
		var args []known
		for _, arg := range cmd.Args {
			args = append(args, c.arg(arg, dot, v))
		}
		if i > 0 {
			args = append(args, got)
		}
		for j, a := range args {
			a.u.all()
			switch {
			case !isPrinting(cmd):
			case j < len(cmd.Args):
				c.shows(cmd.Args[j], a, bare(cmd.Args[j]))
			default:
				c.shows(cmd, a, value(p, i))
			}
		}
		got = c.call(cmd, args)
	}
	for _, d := range p.Decl {
		name := d.Ident[0]
		if !p.IsAssign {
			v[name] = &known{got.t, got.u}
			continue
		}
		// Which of its values the variable has from here on is not known.
		got.u.all()
		if old := v[name]; old != nil {
			old.u.all()
			*old = known{}
		}
	}
	return got
}

// call checks what is given to this package's functions; args[0] stands for the
// function itself.
func (c *templateCheck) call(cmd *parse.CommandNode, args []known) known {
	id, ok := cmd.Args[0].(*parse.IdentifierNode)
	if !ok {
		return known{}
	}
	switch {
	case id.Ident == "len":
		return known{t: reflect.TypeFor[int]()}
	case isPrinting(cmd):
		return known{t: reflect.TypeFor[string]()}
	case id.Ident == "index" && len(args) == 3:
		return args[1].element()
	case id.Ident == "eq" || id.Ident == "ne":
		c.compares(cmd, args)
	case id.Ident == "json" && len(args) == 2:
		if t := args[1].t; t != nil && schema.Encodable(t) != nil {
			c.fail(cmd, "%v", schema.Encodable(t))
		}
	}
	fn := templateFuncs()[id.Ident]
	if fn == nil {
		return known{}
	}
	f := reflect.TypeOf(fn)
	if f.NumIn() != len(args)-1 {
		c.fail(cmd, "%s takes %d values, not %d", id.Ident, f.NumIn(), len(args)-1)
		return known{}
	}
	for i, a := range args[1:] {
		want := f.In(i)
		if a.t != nil && a.t.Kind() != reflect.Interface && !a.t.AssignableTo(want) && !deref(a.t).AssignableTo(want) {
			c.fail(cmd, "%s takes %v, not %v", id.Ident, want, a.t)
		}
	}
	return known{t: f.Out(0)}
}

// compares checks that what a value of a closed set is compared with is of that set.
// args[0] stands for the function itself.
func (c *templateCheck) compares(cmd *parse.CommandNode, args []known) {
	for _, a := range args[1:] {
		if a.t == nil {
			continue
		}
		set, err := schema.EnumOf(deref(a.t))
		if set == nil || err != nil {
			continue
		}
		for _, n := range cmd.Args[1:] {
			if s, ok := n.(*parse.StringNode); ok && !slices.Contains(set, s.Text) {
				c.fail(cmd, "%v is never %q; it is one of %s", deref(a.t), s.Text, strings.Join(set, ", "))
			}
		}
	}
}

func (c *templateCheck) arg(n parse.Node, dot known, v vars) known {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot.use()
	case *parse.FieldNode:
		return c.fields(n, dot, n.Ident)
	case *parse.VariableNode:
		x := v[n.Ident[0]]
		if x == nil {
			return known{}
		}
		return c.fields(n, x.use(), n.Ident[1:])
	case *parse.ChainNode:
		return c.fields(n, c.arg(n.Node, dot, v), n.Field)
	case *parse.PipeNode:
		return c.pipe(n, dot, v)
	case *parse.StringNode:
		return known{t: reflect.TypeFor[string]()}
	case *parse.BoolNode:
		return known{t: reflect.TypeFor[bool]()}
	}
	return known{}
}

// use notes that a value is named.
func (k known) use() known {
	if k.u != nil {
		k.u.named = true
	}
	return k
}

// fields follows .A.B from a value.
func (c *templateCheck) fields(n parse.Node, k known, names []string) known {
	for _, name := range names {
		if k.t == nil {
			return known{}
		}
		if m, ok := result(k.t, name); ok {
			k.u.all()
			k = known{t: m}
			continue
		}
		d := deref(k.t)
		switch d.Kind() {
		case reflect.Struct:
			f, ok := d.FieldByName(name)
			if !ok || !f.IsExported() {
				c.fail(n, "%v has no field %s%s", d, name, meant(d, name))
				return known{}
			}
			for i := range f.Index { // an embedded struct's field lies deeper
				k.u = k.u.field(d.FieldByIndex(f.Index[:i+1]))
			}
			k.t = f.Type
		case reflect.Map:
			k.u.all()
			k = known{t: d.Elem()}
		case reflect.Interface:
			k.u.all()
			return known{}
		default:
			c.fail(n, "%v has no field %s", d, name)
			return known{}
		}
	}
	return k
}

// meant returns the end of a message that names the field that was probably
// meant.
func meant(t reflect.Type, name string) string {
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		if f.IsExported() {
			names = append(names, f.Name)
		}
	}
	if near := schema.Nearest(name, names); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// shows checks that a value that is printed has a form as text. expr stands for it.
func (c *templateCheck) shows(n parse.Node, k known, expr string) {
	if k.t != nil && !hasText(k.t) {
		c.failAt(n, expr, "%s", noText(k.t, expr))
	}
}

// element is what is known of the elements of a list or map.
func (k known) element() known {
	if k.t != nil {
		switch d := deref(k.t); d.Kind() {
		case reflect.Slice, reflect.Array, reflect.Map:
			return known{t: d.Elem()}
		}
	}
	return known{}
}

func (c *templateCheck) fail(n parse.Node, format string, args ...any) {
	c.failAt(n, n.String(), format, args...)
}

// failAt is fail about a text that stands at a node.
func (c *templateCheck) failAt(n parse.Node, text, format string, args ...any) {
	if c.err != nil {
		return
	}
	where, _ := c.all.ErrorContext(n) // "user:3:12"
	_, where, _ = strings.Cut(where, ":")
	where, _, _ = strings.Cut(where, ":")
	line, _ := strconv.Atoi(where)
	if !strings.HasPrefix(text, "{{") {
		text = "{{" + text + "}}"
	}
	c.err = fmt.Errorf("line %d: %s: %s", c.line+line-1, text, fmt.Sprintf(format, args...))
}

// result returns the result type of a type's method.
func result(t reflect.Type, name string) (reflect.Type, bool) {
	m, ok := t.MethodByName(name)
	if !ok && t.Kind() != reflect.Pointer {
		m, ok = reflect.PointerTo(t).MethodByName(name)
	}
	if !ok || m.Type.NumOut() == 0 {
		return nil, false
	}
	return m.Type.Out(0), true
}
