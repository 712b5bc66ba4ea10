package shape

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// code is the Go code of one package.
type code struct {
	name    string // of its package clause
	fset    *token.FileSet
	files   []*ast.File
	imports map[*ast.File]map[string]string // a file's imports: path by name
	funcs   map[string]*ast.FuncDecl
	methods map[string][]*ast.FuncDecl // by their bare names: several types may have one
	types   map[string]ast.Expr
	vars    map[string]ast.Expr // what package variables and constants are set to
}

// parse reads the Go files of each folder, without tests. A file that does not parse, or is
// for another system than this, was not built, and is left out.
func parse(files fs.FS) []*code {
	byDir := map[string]*code{}
	var all []*code
	system := build.Default
	system.JoinPath = path.Join
	system.OpenFile = func(p string) (io.ReadCloser, error) { return files.Open(p) }
	_ = fs.WalkDir(files, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		if built, err := system.MatchFile(path.Dir(p), path.Base(p)); err == nil && !built {
			return nil
		}
		c := byDir[path.Dir(p)]
		if c == nil {
			c = &code{fset: token.NewFileSet(), imports: map[*ast.File]map[string]string{},
				funcs: map[string]*ast.FuncDecl{}, methods: map[string][]*ast.FuncDecl{}, types: map[string]ast.Expr{}, vars: map[string]ast.Expr{}}
			byDir[path.Dir(p)], all = c, append(all, c)
		}
		if text, err := fs.ReadFile(files, p); err == nil {
			if f, err := parser.ParseFile(c.fset, p, text, parser.SkipObjectResolution); err == nil {
				c.add(f)
			}
		}
		return nil
	})
	return all
}

func (c *code) add(f *ast.File) {
	c.name, c.files, c.imports[f] = f.Name.Name, append(c.files, f), map[string]string{}
	for _, imp := range f.Imports {
		p, _ := strconv.Unquote(imp.Path.Value)
		name := path.Base(p)
		if imp.Name != nil {
			name = imp.Name.Name
		}
		c.imports[f][name] = p
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			c.addFunc(d)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if t, ok := s.(*ast.TypeSpec); ok {
					c.types[t.Name.Name] = t.Type
				}
				if v, ok := s.(*ast.ValueSpec); ok && len(v.Names) == len(v.Values) {
					for i, name := range v.Names {
						c.vars[name.Name] = v.Values[i]
					}
				}
			}
		}
	}
}

func (c *code) addFunc(d *ast.FuncDecl) {
	if d.Recv == nil {
		c.funcs[d.Name.Name] = d
		return
	}
	c.methods[d.Name.Name] = append(c.methods[d.Name.Name], d)
}

// imported returns the path of the package that a name stands for where n is; empty: none.
func (c *code) imported(n ast.Node, name string) string {
	i := slices.IndexFunc(c.files, func(f *ast.File) bool { return f.FileStart <= n.Pos() && n.Pos() < f.FileEnd })
	if i < 0 {
		return ""
	}
	return c.imports[c.files[i]][name]
}

// place returns where a call stands, "flow.go:31", and the line on which it ends.
func (c *code) place(n ast.Node) (string, int) {
	p := c.fset.Position(n.Pos())
	return path.Base(p.Filename) + ":" + strconv.Itoa(p.Line), c.fset.Position(n.End()).Line
}
