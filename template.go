package pawl

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"text/template"
	"text/template/parse"
)

// parseTemplate parses a prompt's user part and checks it against its data:
// every field that it names exists, and every field of the data is named.
func parseTemplate(text string, data reflect.Type) (*template.Template, error) {
	t, err := template.New("user").Option("missingkey=error").Funcs(template.FuncMap{
		"add":  func(a, b int) int { return a + b },
		"join": func(list []string, sep string) string { return strings.Join(list, sep) },
	}).Parse(text)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "template: "))
	}
	c := templateCheck{all: t, root: data, used: map[string]bool{}}
	c.list(t.Root, data, vars{"$": data})
	if c.err != nil {
		return nil, c.err
	}
	return t, c.unused()
}

// templateCheck walks a template with the type of its dot. A type that cannot
// be known (the result of a function, say) is nil, and nothing is said of it.
type templateCheck struct {
	all  *template.Template
	root reflect.Type
	used map[string]bool // root fields named so far; "" stands for all of them
	deep int
	err  error
}

type vars map[string]reflect.Type

func (c *templateCheck) unused() error {
	root := deref(c.root)
	if c.used[""] {
		return nil
	}
	if root.Kind() != reflect.Struct {
		return fmt.Errorf("the user part never uses its data {{.}} (%v)", c.root)
	}
	for i := range root.NumField() {
		if f := root.Field(i); f.IsExported() && !c.used[f.Name] {
			return fmt.Errorf("the user part never uses {{.%s}} of its data %v", f.Name, root)
		}
	}
	return nil
}

func (c *templateCheck) list(l *parse.ListNode, dot reflect.Type, v vars) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			c.pipe(n.Pipe, dot, v)
		case *parse.IfNode:
			inner := v.copy()
			c.pipe(n.Pipe, dot, inner)
			c.list(n.List, dot, inner)
			c.list(n.ElseList, dot, inner)
		case *parse.WithNode:
			inner := v.copy()
			t := c.pipe(n.Pipe, dot, inner)
			c.list(n.List, t, inner)
			c.list(n.ElseList, dot, inner)
		case *parse.RangeNode:
			c.rangeNode(n, dot, v.copy())
		case *parse.TemplateNode:
			c.template(n, dot, v)
		}
	}
}

func (c *templateCheck) rangeNode(n *parse.RangeNode, dot reflect.Type, v vars) {
	t := c.pipe(n.Pipe, dot, v)
	var elem, index reflect.Type
	if t != nil {
		switch d := deref(t); d.Kind() {
		case reflect.Slice, reflect.Array:
			elem, index = d.Elem(), reflect.TypeFor[int]()
		case reflect.Map:
			elem, index = d.Elem(), d.Key()
		case reflect.Int:
			elem = d
		}
	}
	switch decl := n.Pipe.Decl; len(decl) {
	case 1:
		v[decl[0].Ident[0]] = elem
	case 2:
		v[decl[0].Ident[0]], v[decl[1].Ident[0]] = index, elem
	}
	c.list(n.List, elem, v)
	c.list(n.ElseList, dot, v)
}

// template follows {{template "name" pipe}}, not endlessly into itself.
func (c *templateCheck) template(n *parse.TemplateNode, dot reflect.Type, v vars) {
	var t reflect.Type
	if n.Pipe != nil {
		t = c.pipe(n.Pipe, dot, v)
	}
	called := c.all.Lookup(n.Name)
	if called == nil || called.Tree == nil {
		c.fail(n, "template %q is not defined", n.Name)
		return
	}
	if c.deep++; c.deep < 50 {
		c.list(called.Root, t, vars{"$": t})
	}
	c.deep--
}

// pipe returns the type of a pipeline's value, nil if it cannot be known.
func (c *templateCheck) pipe(p *parse.PipeNode, dot reflect.Type, v vars) reflect.Type {
	var t reflect.Type
	for _, cmd := range p.Cmds {
		for i, arg := range cmd.Args {
			at := c.arg(arg, dot, v)
			if i == 0 && len(cmd.Args) == 1 && len(p.Cmds) == 1 {
				t = at
			}
		}
	}
	for _, d := range p.Decl {
		v[d.Ident[0]] = t
	}
	return t
}

func (c *templateCheck) arg(n parse.Node, dot reflect.Type, v vars) reflect.Type {
	switch n := n.(type) {
	case *parse.DotNode:
		if dot == c.root {
			c.used[""] = true
		}
		return dot
	case *parse.FieldNode:
		return c.fields(n, dot, n.Ident)
	case *parse.VariableNode:
		t := v[n.Ident[0]]
		if len(n.Ident) == 1 {
			if t == c.root {
				c.used[""] = true
			}
			return t
		}
		return c.fields(n, t, n.Ident[1:])
	case *parse.ChainNode:
		return c.fields(n, c.arg(n.Node, dot, v), n.Field)
	case *parse.PipeNode:
		return c.pipe(n, dot, v)
	}
	return nil
}

// fields follows .A.B from a type.
func (c *templateCheck) fields(n parse.Node, t reflect.Type, names []string) reflect.Type {
	for _, name := range names {
		if t == nil {
			return nil
		}
		if t == c.root {
			c.used[name] = true
		}
		if m, ok := method(t, name); ok {
			if t == c.root {
				c.used[""] = true
			}
			t = m
			continue
		}
		switch d := deref(t); d.Kind() {
		case reflect.Struct:
			f, ok := d.FieldByName(name)
			if !ok || !f.IsExported() {
				c.fail(n, "its data %v has no field %s", d, name)
				return nil
			}
			t = f.Type
		case reflect.Map:
			t = d.Elem()
		case reflect.Interface:
			return nil
		default:
			c.fail(n, "%v has no field %s", d, name)
			return nil
		}
	}
	return t
}

func (c *templateCheck) fail(n parse.Node, format string, args ...any) {
	if c.err == nil {
		where, _ := c.all.ErrorContext(n)
		c.err = fmt.Errorf("%s: %s: %s", where, n, fmt.Sprintf(format, args...))
	}
}

// method returns the result type of a type's method.
func method(t reflect.Type, name string) (reflect.Type, bool) {
	m, ok := t.MethodByName(name)
	if !ok && t.Kind() != reflect.Pointer {
		m, ok = reflect.PointerTo(t).MethodByName(name)
	}
	if !ok || m.Type.NumOut() == 0 {
		return nil, false
	}
	return m.Type.Out(0), true
}

func deref(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func (v vars) copy() vars {
	w := vars{}
	for k, t := range v {
		w[k] = t
	}
	return w
}
