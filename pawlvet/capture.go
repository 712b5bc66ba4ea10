package pawlvet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// checkDo reports what the code of a Do shares with its flow.
func (c *checker) checkDo(f *flow, do *ast.FuncLit) {
	set := c.assigned(do)
	said := map[*types.Var]bool{}
	ast.Inspect(do.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := c.pass.TypesInfo.Uses[id].(*types.Var)
		if !ok || v.IsField() || said[v] || !f.declares(v) || do.Pos() <= v.Pos() && v.Pos() < do.End() {
			return true
		}
		said[v] = true
		switch {
		case isRun(v.Type()):
			c.report(id.Pos(), "the code of a Do uses %s: it runs beside the flow and takes no steps", v.Name())
		case set[v]:
			c.report(id.Pos(), "the code of a Do sets %s, a variable of the flow, which a replay does not; return the value", v.Name())
		case c.isData(v.Type()):
			c.report(id.Pos(), "the code of a Do reads %s, which is not in its input; hand it in, so that a change of it is seen", v.Name())
		}
		return true
	})
}

// assigned returns the variables that a function sets, wholly or in part, or whose
// address it takes.
func (c *checker) assigned(fn *ast.FuncLit) map[*types.Var]bool {
	set := map[*types.Var]bool{}
	mark := func(targets ...ast.Expr) {
		for _, e := range targets {
			if id := root(e); id != nil {
				if v, ok := c.pass.TypesInfo.Uses[id].(*types.Var); ok {
					set[v] = true
				}
			}
		}
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			mark(n.Lhs...)
		case *ast.IncDecStmt:
			mark(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				mark(n.Key, n.Value)
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				mark(n.X)
			}
		}
		return true
	})
	return set
}

// root returns the variable that an expression is a part of, nil if there is none.
func root(e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.ParenExpr:
		return root(e.X)
	case *ast.SelectorExpr:
		return root(e.X)
	case *ast.IndexExpr:
		return root(e.X)
	case *ast.StarExpr:
		return root(e.X)
	}
	return nil
}

// isData reports whether a type is one of data that may change behind the code that
// reads it. Pointers to other packages' types, and to types that show no field, are
// services.
func (c *checker) isData(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Slice, *types.Map:
		return true
	case *types.Pointer:
		if named, ok := types.Unalias(u.Elem()).(*types.Named); ok && named.Obj().Pkg() != c.pass.Pkg {
			return false
		}
		s, ok := u.Elem().Underlying().(*types.Struct)
		if !ok {
			return true
		}
		for f := range s.Fields() {
			if f.Exported() {
				return true
			}
		}
	}
	return false
}
