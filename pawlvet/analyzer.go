package pawlvet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// Analyzer reports what a replay of a flow would not repeat.
var Analyzer = &analysis.Analyzer{
	Name: "pawlvet",
	Doc: `find what a replay of a flow would not repeat

Reports clocks, random numbers, files, the network, goroutines, channels, locks,
loops over maps and changing names of steps in functions that take a *pawl.Run, and
data that the code of a Do shares with its flow. "//pawlvet:ignore REASON" silences
a line.`,
	Run: run,
}

const pawlPath = "github.com/pawlrun/pawl"

func run(pass *analysis.Pass) (any, error) {
	if pass.Pkg.Path() == pawlPath {
		return nil, nil // the vocabulary itself
	}
	for _, file := range pass.Files {
		c := &checker{pass: pass, silent: silenced(pass, file)}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Body != nil && c.takesRun(n.Type) {
					c.checkFlow(&flow{typ: n.Type, body: n.Body, named: true})
					return false
				}
			case *ast.FuncLit:
				if c.takesRun(n.Type) {
					c.checkFlow(&flow{typ: n.Type, body: n.Body})
					return false
				}
			}
			return true
		})
	}
	return nil, nil
}

// checker looks at a file.
type checker struct {
	pass   *analysis.Pass
	silent map[int]bool // lines that are not to be reported
}

func (c *checker) report(at token.Pos, format string, args ...any) {
	if !c.silent[c.pass.Fset.PositionFor(at, false).Line] {
		c.pass.Reportf(at, format, args...)
	}
}

// flow is an outermost function of flow code.
type flow struct {
	typ   *ast.FuncType
	body  *ast.BlockStmt
	named bool
}

// declares reports whether v is a parameter or variable of the flow's.
func (f *flow) declares(v *types.Var) bool {
	return f.typ.Params.Pos() <= v.Pos() && v.Pos() < f.body.End()
}

// hasParameter reports whether v is handed in by whoever calls the flow's function.
func (f *flow) hasParameter(v types.Object) bool {
	return f.named && f.typ.Params.Pos() <= v.Pos() && v.Pos() < f.typ.Params.End()
}

// checkFlow goes through flow code, without the code of its Dos.
func (c *checker) checkFlow(f *flow) { c.check(f, f.body) }

func (c *checker) check(f *flow, root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if c.takesContext(n.Type) {
				c.checkDo(f, n)
				return false
			}
		case *ast.GoStmt:
			c.report(n.Pos(), "a goroutine in flow code runs beside the replay; use pawl.Parallel or pawl.Map")
			return false
		case *ast.SelectStmt:
			c.report(n.Pos(), "select in flow code picks another case on a replay; use pawl.Parallel, and pawl.Sleep for time")
			for _, clause := range n.Body.List {
				for _, s := range clause.(*ast.CommClause).Body {
					c.check(f, s)
				}
			}
			return false
		case *ast.SendStmt:
			c.reportChannel(n.Arrow)
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				c.reportChannel(n.OpPos)
			}
		case *ast.RangeStmt:
			c.checkRange(n)
		case *ast.CallExpr:
			c.checkName(f, n)
		case *ast.Ident:
			c.checkUse(n)
		}
		return true
	})
}

func (c *checker) reportChannel(at token.Pos) {
	c.report(at, "a channel in flow code blocks the whole run; branches of pawl.Parallel and pawl.Map may set variables around them")
}

// takesRun reports whether a function is flow code by what it is given.
func (c *checker) takesRun(t *ast.FuncType) bool {
	for _, p := range t.Params.List {
		if isRun(c.pass.TypesInfo.TypeOf(p.Type)) {
			return true
		}
	}
	return false
}

// takesContext reports whether a function literal is the code of a Do: flow code has
// no context to call anything else with.
func (c *checker) takesContext(t *ast.FuncType) bool {
	return len(t.Params.List) > 0 && isNamed(c.pass.TypesInfo.TypeOf(t.Params.List[0].Type), "context", "Context")
}

func isRun(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && isNamed(p.Elem(), pawlPath, "Run")
}

func isNamed(t types.Type, path, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path
}
