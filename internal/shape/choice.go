package shape

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// option is one of the cases of a choice.
type option struct {
	*Node
	end  ending
	cond ast.Expr       // of an if; else nil
	body *ast.BlockStmt // of an if; else nil
}

// choose adds a choice, if anything happens in one of its cases. Where some of them leave, the
// rest, which comes behind it, is part of the others; it reports whether it has read that.
func (b *block) choose(cases []option, rest []ast.Stmt) (end ending, took bool) {
	var leaving, staying []option
	whole := false // one of the cases comes
	for _, c := range cases {
		c.Leaves = c.end == out && b.around.looping
		whole = whole || c.Text == Otherwise
		if c.end > goesOn {
			leaving = append(leaving, c)
		} else {
			staying = append(staying, c)
		}
	}
	switch {
	case len(cases) == 1 && cases[0].end == out && handsOn(cases[0]):
		return goesOn, false
	case whole && len(staying) == 0:
		end = out
		for _, c := range leaving {
			end = both(end, c.end)
		}
		b.addChoice(cases)
		return end, false
	case len(leaving) == 0 || len(rest) == 0 && len(cases) > 1:
		b.addChoice(cases)
		return goesOn, false
	}
	otherwise := option{Node: &Node{Type: Case, Text: Otherwise}}
	otherwise.Nodes = b.nodesOf(func() {
		if whole && len(staying) == 1 {
			b.nodes = append(b.nodes, staying[0].Nodes...)
		} else {
			b.addChoice(staying)
		}
		end = b.statements(rest) // in this scope: they may set its names
	})
	if leaving[len(leaving)-1].Text == Otherwise { // the others are those that are named
		var texts []string
		for _, c := range staying {
			texts = append(texts, c.Text)
		}
		otherwise.Text = strings.Join(texts, ", or ")
		b.addChoice(append([]option{otherwise}, leaving...))
		return end, true
	}
	if c := leaving[0]; len(cases) == 1 && len(c.Nodes) == 0 && c.cond != nil {
		otherwise.Text, c.Text = unless(c.cond, strings.TrimPrefix(c.Text, "if ")), Otherwise
		b.addChoice([]option{otherwise, c})
		return end, true
	}
	b.addChoice(append(leaving, otherwise))
	return end, true
}

// addChoice adds a choice without the cases that lead to what comes next.
func (b *block) addChoice(cases []option) {
	var nodes []*Node
	happens := false
	for _, c := range cases {
		happens = happens || len(c.Nodes) > 0
		if len(c.Nodes) > 0 || c.Leaves {
			nodes = append(nodes, c.Node)
		}
	}
	if happens {
		b.add(&Node{Type: Choice, Nodes: nodes})
	}
}

// handsOn reports whether all that a case does is to return an error: nothing is chosen.
func handsOn(o option) bool {
	if len(o.Nodes) > 0 || o.body == nil || len(o.body.List) == 0 {
		return false
	}
	if _, ok := o.body.List[len(o.body.List)-1].(*ast.ReturnStmt); !ok {
		return false
	}
	c, ok := o.cond.(*ast.BinaryExpr)
	if !ok || c.Op != token.NEQ {
		return false
	}
	x, isName := c.X.(*ast.Ident)
	y, isNil := c.Y.(*ast.Ident)
	return isName && isNil && y.Name == "nil" && strings.Contains(strings.ToLower(x.Name), "err")
}

func unless(cond ast.Expr, text string) string {
	if not, ok := cond.(*ast.UnaryExpr); ok && not.Op == token.NOT {
		return "if " + strings.TrimPrefix(text, "!")
	}
	return "unless " + text
}

// ifCases reads the cases of an if and of what stands behind its else.
func (b *block) ifCases(s *ast.IfStmt, what string) []option {
	in := b.inner()
	if s.Init != nil {
		in.statement(s.Init, nil)
	}
	in.eval(b.code, s.Cond, in.env)
	one := option{Node: &Node{Type: Case, Text: what + b.code.text(s.Cond)}, cond: s.Cond, body: s.Body}
	one.Nodes = b.nodesOf(func() { one.end = in.part().statements(s.Body.List) })
	cases := []option{one}
	if s.Else == nil {
		return cases
	}
	var more []option
	if other, ok := s.Else.(*ast.IfStmt); ok {
		if before := b.nodesOf(func() { more = in.ifCases(other, "else if ") }); len(before) == 0 {
			return append(cases, more...)
		} // its condition has steps: they come only if it is asked
	}
	last := option{Node: &Node{Type: Case, Text: Otherwise}}
	last.Nodes = b.nodesOf(func() { last.end, _ = in.part().statement(s.Else, nil) })
	return append(cases, last)
}

func (b *block) switchCases(s *ast.SwitchStmt) []option {
	in, tag, label := b.inner(), "", b.label
	if s.Init != nil {
		in.statement(s.Init, nil)
	}
	if s.Tag != nil {
		in.eval(b.code, s.Tag, in.env)
		tag = b.code.text(s.Tag)
	}
	for _, c := range s.Body.List {
		if c, ok := c.(*ast.CaseClause); ok {
			for _, x := range c.List {
				in.eval(b.code, x, in.env)
			}
		}
	}
	return in.clauses(label, tag, s.Body.List)
}

// clauses reads the cases of a switch or a select.
func (b *block) clauses(label, tag string, list []ast.Stmt) []option {
	b.around.cases, b.around.of = true, label
	var cases []option
	for i, s := range list {
		one := option{Node: &Node{Type: Case, Text: Otherwise}}
		in := b.part()
		one.Nodes = b.nodesOf(func() {
			switch s := s.(type) {
			case *ast.CaseClause:
				if len(s.List) > 0 {
					one.Text = b.code.caseText(tag, s.List)
				}
			case *ast.CommClause:
				if s.Comm != nil {
					one.Text = "if " + b.code.text(s.Comm)
					in.statement(s.Comm, nil)
				}
			}
			one.end = in.statements(fallen(list[i:]))
		})
		if one.end == breaks {
			one.end = goesOn
		}
		cases = append(cases, one)
	}
	// The case that comes if no other does is the last, wherever it is written.
	slices.SortStableFunc(cases, func(x, y option) int {
		switch {
		case x.Text == Otherwise:
			return 1
		case y.Text == Otherwise:
			return -1
		}
		return 0
	})
	return cases
}

func (c *code) caseText(tag string, list []ast.Expr) string {
	var all []string
	for _, x := range list {
		all = append(all, c.text(x))
	}
	if tag != "" {
		return "if " + tag + " is " + strings.Join(all, " or ")
	}
	return "if " + strings.Join(all, " or ")
}

// fallen are the statements of a clause, with those of the next if it falls through.
func fallen(list []ast.Stmt) (all []ast.Stmt) {
	for _, s := range list {
		var body []ast.Stmt
		switch s := s.(type) {
		case *ast.CaseClause:
			body = s.Body
		case *ast.CommClause:
			body = s.Body
		}
		all = append(all, body...)
		if len(body) == 0 {
			return all
		}
		if last, ok := body[len(body)-1].(*ast.BranchStmt); !ok || last.Tok != token.FALLTHROUGH {
			return all
		}
	}
	return all
}
