package shape

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// block reads statements of one function.
type block struct {
	*reader
	code    *code
	env     *env
	results *[]value // what returns have given first, shared by all blocks of the function
	looping bool     // a loop of the function is around it
}

// result returns what is known of a function's first result: what the first return says that
// says anything.
func (b *block) result() value {
	for _, v := range *b.results {
		if !v.isZero() {
			return v
		}
	}
	return value{}
}

func (b *block) inner() *block {
	return &block{b.reader, b.code, b.env.inner(), b.results, b.looping}
}

// statements reads statements one after another, and reports whether what comes behind them
// is left out: they return, or leave a loop.
func (b *block) statements(list []ast.Stmt) (leaves bool) {
	for i, s := range list {
		if b.full() {
			return false
		}
		if f, ok := s.(*ast.IfStmt); ok && f.Else == nil {
			if b.guard(f, list[i+1:]) {
				return false
			}
			continue
		}
		if b.statement(s) {
			return true
		}
	}
	return false
}

// guard reads an if and, where its body leaves, the statements behind it, which are the other
// case then. It reports whether it has read those.
func (b *block) guard(s *ast.IfStmt, rest []ast.Stmt) bool {
	in := b.inner()
	if s.Init != nil {
		in.statement(s.Init)
	}
	in.eval(b.code, s.Cond, in.env)
	leaves := false
	body := b.nodesOf(func() { leaves = in.inner().statements(s.Body.List) })
	cond := b.code.text(s.Cond)
	if !leaves {
		b.choose([]*Node{{Type: Case, Text: "if " + cond, Nodes: body}})
		return false
	}
	if len(body) == 0 && ofError(s.Cond) {
		return false // an error is handed on: nothing is chosen
	}
	others := b.nodesOf(func() { b.statements(rest) }) // in this scope: they may set its names
	left, other := &Node{Type: Case, Text: "if " + cond, Nodes: body, Leaves: b.leavesLoop(s.Body)}, &Node{Type: Case, Text: Otherwise, Nodes: others}
	if len(body) == 0 {
		left.Text, other.Text = Otherwise, unless(s.Cond, cond)
		b.choose([]*Node{other, left})
		return true
	}
	b.choose([]*Node{left, other})
	return true
}

// leavesLoop reports whether a body, which leaves, leaves the loop around it as well.
func (b *block) leavesLoop(body *ast.BlockStmt) bool {
	last, ok := body.List[len(body.List)-1].(*ast.BranchStmt)
	return b.looping && !(ok && last.Tok == token.CONTINUE)
}

// ofError reports whether a condition asks about an error.
func ofError(cond ast.Expr) bool {
	c, ok := cond.(*ast.BinaryExpr)
	if !ok || c.Op != token.NEQ {
		return false
	}
	y, ok := c.Y.(*ast.Ident)
	return ok && y.Name == "nil"
}

func unless(cond ast.Expr, text string) string {
	if not, ok := cond.(*ast.UnaryExpr); ok && not.Op == token.NOT {
		return "if " + strings.TrimPrefix(text, "!")
	}
	return "unless " + text
}

// choose adds a choice, if anything happens in one of its cases. Of the others those are left
// out that lead to what comes next.
func (b *block) choose(cases []*Node) {
	if slices.ContainsFunc(cases, func(c *Node) bool { return len(c.Nodes) > 0 }) {
		cases = slices.DeleteFunc(cases, func(c *Node) bool { return len(c.Nodes) == 0 && !c.Leaves })
		b.add(&Node{Type: Choice, Nodes: cases})
	}
}

func (b *block) statement(s ast.Stmt) (leaves bool) {
	switch s := s.(type) {
	case *ast.ExprStmt:
		b.eval(b.code, s.X, b.env)
	case *ast.AssignStmt:
		b.assign(s)
	case *ast.DeclStmt:
		b.declare(s)
	case *ast.ReturnStmt:
		b.returns(s)
		return true
	case *ast.BranchStmt:
		return s.Tok != token.FALLTHROUGH
	case *ast.BlockStmt:
		return b.inner().statements(s.List)
	case *ast.LabeledStmt:
		return b.statement(s.Stmt)
	case *ast.DeferStmt:
		b.eval(b.code, s.Call, b.env)
	case *ast.IfStmt:
		return b.ifElse(s)
	case *ast.SwitchStmt:
		in := b.inner()
		if s.Init != nil {
			in.statement(s.Init)
		}
		tag := ""
		if s.Tag != nil {
			in.eval(b.code, s.Tag, in.env)
			tag = b.code.text(s.Tag)
		}
		in.cases(tag, s.Body.List)
	case *ast.TypeSwitchStmt:
		in := b.inner()
		if s.Init != nil {
			in.statement(s.Init)
		}
		in.cases(b.code.text(s.Assign), s.Body.List)
	case *ast.ForStmt:
		b.loop(s)
	case *ast.RangeStmt:
		b.each(s)
	}
	return false
}

func (b *block) assign(s *ast.AssignStmt) {
	values := make([]value, len(s.Lhs))
	for i, x := range s.Rhs {
		v := b.eval(b.code, x, b.env)
		if i < len(values) {
			values[i] = v
		}
	}
	for i, x := range s.Lhs {
		name, ok := x.(*ast.Ident)
		switch {
		case !ok:
		case s.Tok == token.DEFINE:
			b.env.declare(name.Name, values[i])
		case s.Tok == token.ASSIGN:
			b.env.set(name.Name, values[i])
		default:
			b.env.set(name.Name, value{})
		}
	}
}

func (b *block) declare(s *ast.DeclStmt) {
	d, ok := s.Decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range d.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for i, name := range v.Names {
			var is value
			if i < len(v.Values) {
				is = b.eval(b.code, v.Values[i], b.env)
			}
			b.env.declare(name.Name, is)
		}
	}
}

func (b *block) returns(s *ast.ReturnStmt) {
	for i, x := range s.Results {
		if v := b.eval(b.code, x, b.env); i == 0 {
			*b.results = append(*b.results, v)
		}
	}
}

// ifElse reads an if with an else; it leaves if all its cases do.
func (b *block) ifElse(s *ast.IfStmt) bool {
	var cases []*Node
	leaves := true
	in, what := b, "if "
	for s != nil {
		in = in.inner()
		if s.Init != nil {
			in.statement(s.Init)
		}
		in.eval(b.code, s.Cond, in.env)
		one := &Node{Type: Case, Text: what + b.code.text(s.Cond)}
		one.Nodes = b.nodesOf(func() { leaves = in.inner().statements(s.Body.List) && leaves })
		cases = append(cases, one)
		switch other := s.Else.(type) {
		case *ast.IfStmt:
			s, what = other, "else if "
			continue
		case *ast.BlockStmt:
			one := &Node{Type: Case, Text: Otherwise}
			one.Nodes = b.nodesOf(func() { leaves = in.inner().statements(other.List) && leaves })
			cases = append(cases, one)
		default:
			leaves = false
		}
		s = nil
	}
	b.choose(cases)
	return leaves
}

func (b *block) cases(tag string, list []ast.Stmt) {
	var cases []*Node
	for _, s := range list {
		clause, ok := s.(*ast.CaseClause)
		if !ok {
			continue
		}
		one := &Node{Type: Case, Text: Otherwise}
		if len(clause.List) > 0 {
			var all []string
			for _, x := range clause.List {
				all = append(all, b.code.text(x))
			}
			one.Text = "if " + strings.Join(all, " or ")
			if tag != "" {
				one.Text = "if " + tag + " is " + strings.Join(all, " or ")
			}
		}
		one.Nodes = b.nodesOf(func() { b.inner().statements(clause.Body) })
		cases = append(cases, one)
	}
	b.choose(cases)
}

func (b *block) loop(s *ast.ForStmt) {
	in := b.inner()
	if s.Init != nil {
		in.statement(s.Init)
	}
	text := Forever
	if s.Cond != nil {
		text = "while " + b.code.text(s.Cond)
	}
	in.repeat(text, func() {
		if s.Cond != nil {
			in.eval(b.code, s.Cond, in.env)
		}
		in.inner().statements(s.Body.List)
	})
}

// each reads a range. What is ranged over is known, where it is, one after another.
func (b *block) each(s *ast.RangeStmt) {
	over := b.eval(b.code, s.X, b.env)
	bind := func(in *block, v value) {
		for i, x := range []ast.Expr{s.Key, s.Value} {
			if name, ok := x.(*ast.Ident); ok && i == 1 {
				in.env.declare(name.Name, v)
			} else if ok {
				in.env.declare(name.Name, value{})
			}
		}
	}
	if over.listed {
		for _, v := range over.list {
			in := b.inner()
			bind(in, v)
			in.statements(s.Body.List)
		}
		return
	}
	text := "for each of " + b.code.text(s.X)
	if s.Key == nil {
		text = b.code.text(s.X) + " times"
	}
	b.repeat(text, func() {
		in := b.inner()
		bind(in, value{})
		in.statements(s.Body.List)
	})
}

// repeat adds a loop, if anything happens in it.
func (b *block) repeat(text string, body func()) {
	outer := b.looping
	b.looping = true
	nodes := b.nodesOf(body)
	if b.looping = outer; len(nodes) > 0 {
		b.add(&Node{Type: Loop, Text: text, Nodes: nodes})
	}
}
