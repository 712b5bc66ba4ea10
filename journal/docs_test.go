package journal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/limit"
	"github.com/pawlrun/pawl/llm"
)

// docs/reference/journal.md names every event type under a heading of its own, and every field of a body in its type's section.
func TestDocumentIsComplete(t *testing.T) {
	data, err := os.ReadFile("../docs/reference/journal.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, s := range regexp.MustCompile(`(?m)^#{2,3} `).Split(string(data), -1) {
		title, text, _ := strings.Cut(s, "\n")
		sections[title] = text
	}
	types := eventTypes(t)
	for value := range types {
		if _, has := sections[value]; !has {
			t.Errorf("type %q has no section", value)
		}
	}

	bodies := parseFile(t, "body.go")
	parts := map[string][]string{ // where the fields of a body's parts are described
		"Step": {"intent"}, "Request": {"intent"}, "Reserve": {"intent"}, "Failure": {"attempt"}, "Base": {"created"}, "BaseModel": {"created"}, "Took": {"reused"},
	}
	for name, fields := range structs(bodies) {
		where := parts[name]
		if where == nil {
			where = []string{strings.ToLower(name)}
			if _, known := types[where[0]]; !known {
				t.Errorf("body type %s is of no event type", name)
			}
		}
		wantFields(t, sections, where[0], name, fields)
	}
	stored := structs(parseFile(t, "stored.go"))
	if len(stored) != 2 {
		t.Errorf("%d stored forms, wants a decision and a directive", len(stored))
	}
	for name, fields := range stored {
		wantFields(t, sections, "Commands", name, fields)
	}
	wantFields(t, sections, "blocker", "Name", jsonNames(reflect.TypeFor[limit.Name]()))
	wantFields(t, sections, "created", "Budget", jsonNames(reflect.TypeFor[pawl.Budget]()))
	wantFields(t, sections, "Event", "Event", jsonNames(reflect.TypeFor[pawl.Event]()))
	wantFields(t, sections, "attempt", "Usage", jsonNames(reflect.TypeFor[llm.Usage]()))
	wantFields(t, sections, "attempt", "GateResult", jsonNames(reflect.TypeFor[pawl.GateResult]()))
}

func wantFields(t *testing.T, sections map[string]string, section, name string, fields []string) {
	t.Helper()
	if len(fields) == 0 {
		t.Errorf("%s has no fields", name)
	}
	for _, f := range fields {
		if !strings.Contains(sections[section], "`"+f+"`") {
			t.Errorf("section %q does not name field %q of %s", section, f, name)
		}
	}
}

func parseFile(t *testing.T, name string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// eventTypes returns the constants of pawl.EventType.
func eventTypes(t *testing.T) map[string]bool {
	types := map[string]bool{}
	ast.Inspect(parseFile(t, "../event.go"), func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != "EventType" {
			t.Errorf("constant %v has no type EventType", spec.Names)
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		types[value] = true
		return true
	})
	if len(types) < 17 {
		t.Fatalf("found only %d event types", len(types))
	}
	return types
}

// structs returns the JSON names of each struct's fields.
func structs(f *ast.File) map[string][]string {
	all := map[string][]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		s, ok := spec.Type.(*ast.StructType)
		if !ok {
			return true
		}
		for _, field := range s.Fields.List {
			tag, _ := strconv.Unquote(field.Tag.Value)
			name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
			if name != "-" {
				all[spec.Name.Name] = append(all[spec.Name.Name], name)
			}
		}
		return true
	})
	return all
}

func jsonNames(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "-" { // which is in no journal
			names = append(names, name)
		}
	}
	return names
}
