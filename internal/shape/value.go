package shape

import (
	"go/ast"
	"strings"
)

// value is what is known of a value without executing anything. The zero value is one of
// which nothing is known.
type value struct {
	run     bool             // the *pawl.Run
	text    string           // a text, with "*" for each part that is not known
	known   bool             // text is of this value
	fn      *closure         // a function
	fields  map[string]value // of a struct
	list    []value          // of a slice, if all its elements are known
	listed  bool
	prompt  string  // a prompt, or a question that is asked with it
	purpose string  // of a question, or an option that says one
	branch  *branch // what pawl.Go makes
	flow    *flow   // what pawl.New makes
	typ     string  // its type, "desk" of its own package or "sync.Once"; empty: not known
	tuple   []value // all results of a call that has several
	holds   []value // functions and branches that it is, or has, one or the other of
}

func (v value) isZero() bool {
	return v.typ == "" && len(v.holds) == 0 && !v.run && !v.known && v.fn == nil && v.fields == nil && !v.listed && v.prompt == "" && v.purpose == "" && v.branch == nil && v.flow == nil
}

// whole is a text of which all is known, or empty.
func (v value) whole() string {
	if strings.Contains(v.text, "*") {
		return ""
	}
	return v.text
}

// closure is a function with what its body can see.
type closure struct {
	code     *code
	node     ast.Node // the declaration or literal, by which a call of itself is noticed
	params   []*ast.Field
	body     *ast.BlockStmt
	env      *env
	receiver string // of a method: its name
	on       value  // what it stands for
	results  []string
}

type branch struct {
	name string
	code *code
	at   *ast.CallExpr // of pawl.Go
	fn   value
}

type flow struct {
	name string
	fn   value
}

// env are the names that code can see, inner ones before outer ones.
type env struct {
	vars  map[string]value
	outer *env
}

func (e *env) inner() *env { return &env{map[string]value{}, e} }

func (e *env) get(name string) (value, bool) {
	for ; e != nil; e = e.outer {
		if v, ok := e.vars[name]; ok {
			return v, true
		}
	}
	return value{}, false
}

func (e *env) declare(name string, v value) {
	if name != "_" {
		e.vars[name] = v
	}
}

// set gives a name another value. One that is declared further out may keep the one it has.
func (e *env) set(name string, v value) {
	if _, here := e.vars[name]; !here {
		old, _ := e.get(name)
		v = merge(old, v)
	}
	e.change(name, v)
}

// change gives a name another value wherever it is declared.
func (e *env) change(name string, v value) {
	for at := e; at != nil; at = at.outer {
		if _, ok := at.vars[name]; ok {
			at.vars[name] = v
			return
		}
	}
}
