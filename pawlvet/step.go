package pawlvet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// checkName reports a step or branch whose name is no constant.
func (c *checker) checkName(f *flow, call *ast.CallExpr) {
	fn, _ := typeutil.Callee(c.pass.TypesInfo, call).(*types.Func)
	i := nameOf(fn)
	if i < 0 || i >= len(call.Args) {
		return
	}
	arg := ast.Unparen(call.Args[i])
	if c.pass.TypesInfo.Types[arg].Value != nil {
		return
	}
	if id, ok := arg.(*ast.Ident); ok && f.hasParameter(c.pass.TypesInfo.ObjectOf(id)) {
		return
	}
	c.report(arg.Pos(), "the name of a step is its identity and wants a constant; for a step for each item use pawl.Map")
}

// nameOf returns which argument of a function of package pawl names a step or a
// branch: that behind the Run, or before the branch's function; -1: none does.
func nameOf(fn *types.Func) int {
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != pawlPath || fn.Signature().Recv() != nil {
		return -1
	}
	params := fn.Signature().Params()
	isText := func(i int) bool { return types.Identical(params.At(i).Type(), types.Typ[types.String]) }
	switch {
	case params.Len() < 2:
	case isRun(params.At(0).Type()) && isText(1):
		return 1
	case isText(0):
		if branch, ok := params.At(1).Type().(*types.Signature); ok && branch.Params().Len() == 1 && isRun(branch.Params().At(0).Type()) {
			return 0
		}
	}
	return -1
}

// checkRange reports a loop that takes steps in no order, or waits for a channel.
func (c *checker) checkRange(loop *ast.RangeStmt) {
	_, isChan := c.typeOf(loop.X).(*types.Chan)
	switch {
	case isChan:
		c.reportChannel(loop.For)
	case c.isUnordered(loop.X) && c.takesSteps(loop.Body):
		c.report(loop.For, "steps in a loop over a map come in another order on a replay; loop over slices.Sorted(maps.Keys(m))")
	}
}

func (c *checker) typeOf(e ast.Expr) types.Type { return c.pass.TypesInfo.TypeOf(e).Underlying() }

// isUnordered reports whether e is a map, or an iterator over one.
func (c *checker) isUnordered(e ast.Expr) bool {
	if _, ok := c.typeOf(e).(*types.Map); ok {
		return true
	}
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn, ok := typeutil.Callee(c.pass.TypesInfo, call).(*types.Func)
	return ok && fn.Pkg() != nil && fn.Pkg().Path() == "maps" // Keys, Values, All
}

// takesSteps reports whether something is handed the Run, or notes are made.
func (c *checker) takesSteps(body *ast.BlockStmt) (takes bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return !takes
		}
		for _, arg := range call.Args {
			takes = takes || isRun(c.pass.TypesInfo.TypeOf(arg))
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Note" {
			takes = takes || isRun(c.pass.TypesInfo.TypeOf(sel.X))
		}
		return !takes
	})
	return takes
}
