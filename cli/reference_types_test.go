package cli

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// typeSource is a type as it is written.
type typeSource struct {
	pkg    string
	fields *ast.StructType // nil: no struct
	of     string          // of another type: which, in the source's words
	values []namedValue    // constants
}

type namedValue struct{ value, doc string }

// readTypes reads the types of the packages that records are made of.
func readTypes(t *testing.T) map[string]*typeSource {
	t.Helper()
	all := map[string]*typeSource{}
	for pkg, dir := range map[string]string{"pawl": "..", "host": "../host", "llm": "../llm", "cli": ".", "view": "../internal/view", "shape": "../internal/shape", "diff": "../internal/diff", "cost": "../cost", "schedule": "../schedule", "runfile": "../internal/runfile", "doctor": "internal/doctor"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range file.Decls {
				if d, ok := d.(*ast.GenDecl); ok {
					readDecl(all, pkg, d)
				}
			}
		}
	}
	return all
}

func readDecl(all map[string]*typeSource, pkg string, d *ast.GenDecl) {
	at := func(name string) *typeSource {
		if !strings.Contains(name, ".") {
			name = pkg + "." + name
		}
		if all[name] == nil {
			all[name] = &typeSource{pkg: pkg}
		}
		return all[name]
	}
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			one := at(spec.Name.Name)
			switch of := spec.Type.(type) {
			case *ast.StructType:
				one.fields = of
			case *ast.Ident, *ast.SelectorExpr:
				one.of = written(of)
			}
		case *ast.ValueSpec:
			if d.Tok != token.CONST || spec.Type == nil || len(spec.Values) != 1 {
				continue
			}
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				value, _ := strconv.Unquote(lit.Value)
				of := at(written(spec.Type))
				of.values = append(of.values, namedValue{value, comment(spec.Doc, spec.Comment)})
			}
		}
	}
}

// written is a type's name in the source's words.
func written(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return written(e.X) + "." + e.Sel.Name
	}
	return ""
}

// comment is what is said of a field or constant, before it or behind it.
func comment(doc, behind *ast.CommentGroup) string {
	return strings.Join(strings.Fields(cmp.Or(doc.Text(), behind.Text())), " ")
}

// values is a table of the values of a type.
func (r *referenceWriter) values(name string) string {
	var b strings.Builder
	b.WriteString("| value | meaning |\n|---|---|\n")
	src := r.source[name]
	if src == nil || len(src.values) == 0 {
		r.t.Errorf("%s: %s has no values", r.page, name)
		return ""
	}
	for _, v := range src.values {
		if v.doc == "" {
			r.t.Errorf("%s %q: its comment says nothing", name, v.value)
		}
		doc := ofType.ReplaceAllStringFunc(v.doc, func(s string) string {
			of, field, _ := strings.Cut(s, ".")
			if t := r.source[src.pkg+"."+of]; t != nil {
				return inJSON(field, t)
			}
			return s
		})
		fmt.Fprintf(&b, "| `%s` | %s |\n", v.value, cell(doc))
	}
	return b.String()
}

// ofType is a field as Go's comments name it: Decision.Value.
var ofType = regexp.MustCompile(`\b[A-Z]\w+\.[A-Z]\w+\b`)

// inJSON is a comment with the fields of a type named as in JSON.
func inJSON(said string, of *typeSource) string {
	for _, f := range of.fields.Fields.List {
		for _, n := range f.Names {
			if name := jsonName(f); name != "" && n.IsExported() {
				said = regexp.MustCompile(`\b`+n.Name+`\b`).ReplaceAllString(said, "`"+name+"`")
			}
		}
	}
	return strings.ReplaceAll(said, "JSON `schema`", "JSON Schema") // which is a name
}

// jsonName is the name of a field in JSON; empty: it is not there.
func jsonName(f *ast.Field) string {
	if f.Tag == nil {
		return ""
	}
	tag, _ := strconv.Unquote(f.Tag.Value)
	name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
	return strings.TrimPrefix(name, "-")
}

// fields is a table of the fields of a type in JSON.
func (r *referenceWriter) fields(name string) string {
	var b strings.Builder
	b.WriteString("| field | type | meaning |\n|---|---|---|\n")
	src := r.source[name]
	if src == nil || src.fields == nil {
		r.t.Errorf("%s: there is no type %s with fields", r.page, name)
		return ""
	}
	for _, f := range src.fields.Fields.List {
		said := comment(f.Doc, f.Comment)
		if len(f.Names) == 0 {
			fmt.Fprintf(&b, "| | | and the fields of %s |\n", r.link(r.named(src, written(f.Type))))
			continue
		}
		for _, n := range f.Names {
			json := jsonName(f)
			if json == "" || !n.IsExported() {
				continue
			}
			if said == "" {
				r.t.Errorf("%s.%s: its comment says nothing", name, n.Name)
			}
			said = regexp.MustCompile(`^`+n.Name+` ((says that|is|are),? )?`).ReplaceAllString(said, "")
			said = inJSON(said, src)
			if strings.Contains(f.Tag.Value, "omitempty") {
				said += " (left out where it says nothing)"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", json, r.typeOf(src, f.Type), cell(said))
		}
	}
	return b.String()
}

// named is the name of a type with its package.
func (r *referenceWriter) named(src *typeSource, name string) string {
	if !strings.Contains(name, ".") {
		name = src.pkg + "." + name
	}
	if one := r.source[name]; one != nil && one.fields == nil && strings.Contains(one.of, ".") {
		return one.of // an alias
	}
	return name
}

// link is a type's name as a link to its table.
func (r *referenceWriter) link(name string) string {
	r.linked = append(r.linked, name)
	at := r.shown[name]
	if at.page == r.page {
		at.page = ""
	}
	return "[" + at.heading + "](" + at.page + "#" + strings.ReplaceAll(strings.ToLower(at.heading), " ", "-") + ")"
}

// plainTypes are how types look in JSON.
var plainTypes = map[string]string{
	"string": "text", "bool": "true or false", "int": "whole number", "int64": "whole number", "float64": "number",
	"pawl.RunID": "run id", "pawl.Key": "step key", "pawl.Seq": "whole number", "pawl.Time": "time",
	"json.RawMessage": "any JSON",
}

func (r *referenceWriter) typeOf(src *typeSource, e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return r.typeOf(src, e.X) + " or null"
	case *ast.ArrayType:
		return "list: " + r.typeOf(src, e.Elt)
	case *ast.MapType:
		return "object: " + r.typeOf(src, e.Value)
	case *ast.Ident, *ast.SelectorExpr:
		name := written(e)
		if plain, ok := plainTypes[name]; ok {
			return plain
		}
		name = r.named(src, name)
		if plain, ok := plainTypes[name]; ok {
			return plain
		}
		if name == "pawl.ErrorKind" || name == "llm.ErrorKind" {
			return "[kind of error](exit-codes.md#kinds-of-errors)"
		}
		return r.link(name)
	}
	r.t.Errorf("%s: a field has a type that has no name", r.page)
	return ""
}

// cell is a comment as it stands in a table: whole sentences without Go's words for what
// JSON calls otherwise.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(s)
}
