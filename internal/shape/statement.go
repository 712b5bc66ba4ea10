package shape

import (
	"go/ast"
	"go/token"
	"slices"
)

// block reads statements of one function.
type block struct {
	*reader
	code     *code
	env      *env
	function *function // shared by all blocks of a function
	nested   bool      // it may be left out, or come several times
	around   around
	label    string // of the statement that is read
}

// function is what all blocks of one function share.
type function struct {
	named   []string // its results, if they have names
	results []value  // what is known of each, from all returns
	defers  []func() // what is read where it ends
}

// around is what break and continue leave.
type around struct {
	looping bool   // a loop of the function is around the block
	loop    string // its label
	cases   bool   // a switch, a select or a loop written out is around it, within the loop
	of      string // its label
}

func (b *block) inner() *block {
	return &block{b.reader, b.code, b.env.inner(), b.function, b.nested, b.around, ""}
}

// part is a block that may be left out.
func (b *block) part() *block {
	in := b.inner()
	in.nested = true
	return in
}

// ending says where code leads to behind some statements.
type ending int

const (
	goesOn ending = iota // to the next statement
	breaks               // behind the switch around it
	anew                 // to the next turn of the loop around it
	out                  // out of that loop, or of the function
)

// both is where two ways lead to.
func both(a, b ending) ending { return min(a, b) }

// statements reads statements one after another. What comes behind those that return, or
// leave a loop, is left out, up to a label.
func (b *block) statements(list []ast.Stmt) ending {
	for i, s := range list {
		if b.full() {
			return goesOn
		}
		end, took := b.statement(s, list[i+1:])
		if took {
			return end
		}
		if end != goesOn {
			rest := list[i+1:]
			if at := slices.IndexFunc(rest, isLabeled); at >= 0 {
				return b.reached(rest[at:])
			}
			return end
		}
	}
	return goesOn
}

// reached reads statements that only a goto leads to.
func (b *block) reached(list []ast.Stmt) (end ending) {
	label := list[0].(*ast.LabeledStmt).Label.Name
	nodes := b.nodesOf(func() { end = b.statements(list) })
	if happens(nodes) {
		b.add(&Node{Type: Choice, Nodes: []*Node{{Type: Case, Text: "if it goes to " + label, Nodes: nodes}}})
	}
	return end
}

func isLabeled(s ast.Stmt) bool {
	_, ok := s.(*ast.LabeledStmt)
	return ok
}

// statement reads a statement, and reports whether it has read the rest, which comes behind
// it, as well.
func (b *block) statement(s ast.Stmt, rest []ast.Stmt) (end ending, took bool) {
	switch s := s.(type) {
	case *ast.ExprStmt:
		b.eval(b.code, s.X, b.env)
	case *ast.AssignStmt:
		b.assign(s)
	case *ast.DeclStmt:
		b.declare(s)
	case *ast.SendStmt:
		b.store(s.Chan, b.eval(b.code, s.Value, b.env))
	case *ast.GoStmt:
		b.eval(b.code, s.Call, b.env)
	case *ast.DeferStmt:
		b.deferred(s)
	case *ast.ReturnStmt:
		b.returns(s)
		return out, false
	case *ast.BranchStmt:
		return b.jump(s), false
	case *ast.BlockStmt:
		return b.inner().statements(s.List), false
	case *ast.LabeledStmt:
		b.label = s.Label.Name
		end, took = b.statement(s.Stmt, rest)
		b.label = ""
		return end, took
	case *ast.IfStmt:
		return b.choose(b.ifCases(s, "if "), rest)
	case *ast.SwitchStmt:
		return b.choose(b.switchCases(s), rest)
	case *ast.TypeSwitchStmt:
		in := b.inner()
		if s.Init != nil {
			in.statement(s.Init, nil)
		}
		return b.choose(in.clauses(b.label, b.code.text(s.Assign), s.Body.List), rest)
	case *ast.SelectStmt:
		return b.choose(b.clauses(b.label, "", s.Body.List), rest)
	case *ast.ForStmt:
		b.loop(s)
	case *ast.RangeStmt:
		b.each(s)
	}
	return goesOn, false
}

// jump says where a break, a continue or a goto leads to.
func (b *block) jump(s *ast.BranchStmt) ending {
	label := ""
	if s.Label != nil {
		label = s.Label.Name
	}
	switch s.Tok {
	case token.GOTO:
		source, last := b.code.place(s)
		b.add(&Node{Type: Again, Text: label, Source: source, last: last})
		return anew
	case token.CONTINUE:
		if label == "" || label == b.around.loop {
			return anew
		}
	case token.BREAK:
		if b.around.cases && (label == "" || label == b.around.of) {
			return breaks
		}
	case token.FALLTHROUGH:
		return goesOn
	}
	return out
}

// deferred keeps a call for the end of the function.
func (b *block) deferred(s *ast.DeferStmt) {
	b.function.defers = append(b.function.defers, func() {
		nodes := b.nodesOf(func() { b.eval(b.code, s.Call, b.env) })
		if b.nested && len(nodes) > 0 {
			nodes = []*Node{{Type: Choice, Nodes: []*Node{{Type: Case, Text: "if deferred", Nodes: nodes}}}}
		}
		b.nodes = append(b.nodes, nodes...)
	})
}

func (b *block) assign(s *ast.AssignStmt) {
	values := make([]value, len(s.Lhs))
	for i, x := range s.Rhs {
		v := b.eval(b.code, x, b.env)
		if i < len(values) {
			values[i] = v
		}
		if len(s.Rhs) == 1 && len(values) > 1 {
			copy(values, v.tuple)
		}
	}
	for i, x := range s.Lhs {
		name, ok := x.(*ast.Ident)
		switch {
		case !ok:
			b.store(x, values[i])
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
			is := typed(b.code, v.Type)
			if i < len(v.Values) {
				is = b.eval(b.code, v.Values[i], b.env)
			}
			b.env.declare(name.Name, is)
		}
	}
}

func (b *block) returns(s *ast.ReturnStmt) {
	var all []value
	for _, x := range s.Results {
		all = append(all, b.eval(b.code, x, b.env))
	}
	if len(s.Results) == 0 {
		for _, name := range b.function.named {
			v, _ := b.env.get(name)
			all = append(all, v)
		}
	}
	if len(s.Results) == 1 && len(all[0].tuple) > 1 {
		all = all[0].tuple
	}
	for i, v := range all {
		if i >= len(b.function.results) {
			b.function.results = append(b.function.results, v)
		} else if !v.isZero() {
			b.function.results[i] = merge(b.function.results[i], v)
		}
	}
}

// store notes that a value is kept in what is no plain name: a field, an element, a channel.
func (b *block) store(at ast.Expr, v value) {
	field := ""
	if sel, ok := at.(*ast.SelectorExpr); ok {
		field = sel.Sel.Name
		if _, ok := sel.X.(*ast.Ident); !ok {
			field = ""
		}
	}
	for {
		switch x := at.(type) {
		case *ast.SelectorExpr:
			at = x.X
		case *ast.IndexExpr:
			b.eval(b.code, x.Index, b.env)
			at = x.X
		case *ast.StarExpr:
			at = x.X
		case *ast.ParenExpr:
			at = x.X
		case *ast.Ident:
			if old, ok := b.env.get(x.Name); ok {
				b.env.change(x.Name, old.with(field, v))
			}
			return
		default:
			return
		}
	}
}
