package shape

import (
	"go/ast"
	"go/token"
)

func (b *block) loop(s *ast.ForStmt) {
	in, label := b.inner(), b.label
	if s.Init != nil {
		in.statement(s.Init, nil)
	}
	text := Forever
	if s.Cond != nil {
		text = "while " + b.code.text(s.Cond)
	}
	in.forget(s)
	in.repeat(label, text, func() {
		if s.Cond != nil {
			in.eval(b.code, s.Cond, in.env)
		}
		in.part().statements(s.Body.List)
		if s.Post != nil {
			in.part().statement(s.Post, nil)
		}
	})
}

// each reads a range. What is ranged over is known, where it is, one after another.
func (b *block) each(s *ast.RangeStmt) {
	label := b.label
	over := b.eval(b.code, s.X, b.env)
	b.forget(s)
	body := func(v value) *block {
		in := b.part()
		for i, x := range []ast.Expr{s.Key, s.Value} {
			if name, ok := x.(*ast.Ident); ok && i == 1 {
				in.env.declare(name.Name, v)
			} else if ok {
				in.env.declare(name.Name, value{})
			}
		}
		return in
	}
	switch {
	case over.listed:
		for _, v := range over.list {
			in := body(v)
			in.around.cases, in.around.of = true, label
			in.statements(s.Body.List)
		}
		return
	case over.fn != nil: // an iterator: the body is what it yields to
		yield := &closure{code: b.code, node: s, body: s.Body, env: body(value{}).env}
		b.call(over.fn, []value{{fn: yield}})
		return
	}
	text := "for each of " + b.code.text(s.X)
	if s.Key == nil {
		text = b.code.text(s.X) + " times"
	}
	b.repeat(label, text, func() { body(value{holds: over.held()}).statements(s.Body.List) })
}

// repeat adds a loop, if anything happens in it.
func (b *block) repeat(label, text string, body func()) {
	outer := b.around
	b.around = around{looping: true, loop: label}
	nodes := b.nodesOf(body)
	if b.around = outer; happens(nodes) {
		b.add(&Node{Type: Loop, Text: text, Nodes: nodes})
	}
}

// happens reports whether there is more in nodes than choices of which nothing comes.
func happens(nodes []*Node) bool {
	for _, n := range nodes {
		if n.Type != Choice && n.Type != Case || happens(n.Nodes) {
			return true
		}
	}
	return false
}

// forget takes away what is known of texts that a loop sets: they are others the next time.
func (b *block) forget(loop ast.Stmt) {
	ast.Inspect(loop, func(n ast.Node) bool {
		s, ok := n.(*ast.AssignStmt)
		if !ok || s.Tok == token.DEFINE {
			return true
		}
		for _, x := range s.Lhs {
			name, ok := x.(*ast.Ident)
			if !ok {
				continue
			}
			if v, _ := b.env.get(name.Name); v.known {
				v.text = "*"
				b.env.change(name.Name, v)
			}
		}
		return true
	})
}
