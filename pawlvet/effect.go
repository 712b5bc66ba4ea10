package pawlvet

import (
	"go/ast"
	"go/types"
	"slices"
)

// checkUse reports the use of a function, method or variable whose outcome is
// another one on a replay.
func (c *checker) checkUse(id *ast.Ident) {
	obj := c.pass.TypesInfo.Uses[id]
	if obj == nil || obj.Pkg() == nil {
		return
	}
	name, receiver := obj.Name(), ""
	switch obj := obj.(type) {
	case *types.Func:
		if recv := obj.Signature().Recv(); recv != nil {
			receiver = typeName(recv.Type())
		}
	case *types.Var:
		if obj.IsField() || obj.Parent() != obj.Pkg().Scope() {
			return
		}
	default:
		return
	}
	path := obj.Pkg().Path()
	if fault := faultOf(path, receiver, name); fault != "" {
		shown := path + "." + name
		if receiver != "" {
			shown = path + "." + receiver + "." + name
		}
		c.report(id.Pos(), "%s in flow code %s", shown, fault)
	}
}

// typeName returns the name of a method's receiver, without a star.
func typeName(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return "interface"
}

// faultOf says what is wrong with a package's name, or with a method, in flow code,
// and what to use in its place; empty: that is fine.
func faultOf(path, receiver, name string) string {
	switch path {
	case "time":
		switch {
		case receiver != "":
		case slices.Contains([]string{"Now", "Since", "Until"}, name):
			return "is another time on a replay; use r.Now()"
		case slices.Contains([]string{"Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"}, name):
			return "begins anew on each replay; use pawl.Sleep"
		}
	case "math/rand", "math/rand/v2":
		made := []string{"New", "NewSource", "NewPCG", "NewChaCha8", "NewZipf"} // of a seed
		if receiver == "" && !slices.Contains(made, name) {
			return "is something else on a replay; use r.Rand(name)"
		}
	case "crypto/rand":
		return "is something else on a replay; use r.Rand(name) or r.ID(name)"
	case "sync":
		return "blocks the whole run; branches take turns and need no lock"
	case "os", "os/exec", "io/ioutil", "net", "net/http", "net/smtp", "database/sql", "syscall":
		if !isPure(path, receiver, name) {
			return "happens again on each replay, and may come out differently; use pawl.Do"
		}
	}
	return ""
}

// isPure reports whether a name of a package that does I/O does none.
func isPure(path, receiver, name string) bool {
	if name == "Error" || name == "Unwrap" || name == "String" || name == "Timeout" {
		return true
	}
	if receiver != "" {
		return slices.Contains(pure[path+" types"], receiver)
	}
	return name[:min(len(name), 3)] == "Err" || slices.Contains(pure[path], name)
}

var pure = map[string][]string{
	"os": {"IsNotExist", "IsExist", "IsPermission", "IsTimeout", "Expand", "IsPathSeparator"},
	"net": {"ParseIP", "ParseCIDR", "ParseMAC", "JoinHostPort", "SplitHostPort", "IPv4", "IPv4Mask", "CIDRMask",
		"IPv4bcast", "IPv4zero", "IPv6zero"},
	"net types":          {"IP", "IPMask", "IPNet", "HardwareAddr", "IPAddr", "TCPAddr", "UDPAddr"},
	"net/http":           {"StatusText", "CanonicalHeaderKey", "DetectContentType", "NewRequest", "ParseHTTPVersion", "ParseTime", "NoBody"},
	"net/http types":     {"Header", "Cookie", "Request"},
	"database/sql":       {"Named"},
	"database/sql types": {"NullString", "NullInt64", "NullBool", "NullTime", "NullFloat64"},
	"os types":           {"FileMode"},
}
