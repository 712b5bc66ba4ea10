package cli

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// sourceIn makes what looks like the source of Pawl.
func sourceIn(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a b")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"go.mod": "module " + modulePath + "\n\ngo 1.26.0\n\nrequire example.com/used v1.2.0\n\nrequire example.com/beneath v0.1.0 // indirect\n",
		"go.sum": "example.com/used v1.2.0 h1:x=\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestWhereANewFlowHasPawlFrom(t *testing.T) {
	dir := sourceIn(t)
	built := func(m debug.Module) *debug.BuildInfo {
		m.Path = modulePath
		return &debug.BuildInfo{Main: m}
	}
	used := func(m debug.Module) *debug.BuildInfo {
		m.Path = modulePath
		return &debug.BuildInfo{Main: debug.Module{Path: "example.com/x", Version: "v9.0.0"}, Deps: []*debug.Module{&m}}
	}
	const pseudo = "v0.0.0-20260102030405-0123456789ab"
	for what, c := range map[string]struct {
		given string
		build *debug.BuildInfo
		root  string
		want  source
	}{
		"a release":            {"", built(debug.Module{Version: "v1.2.3"}), dir, source{version: "v1.2.3"}},
		"a candidate":          {"", built(debug.Module{Version: "v1.2.3-rc.1"}), dir, source{version: "v1.2.3-rc.1"}},
		"a program's release":  {"", used(debug.Module{Version: "v1.2.3", Sum: "h1:x"}), "/none", source{version: "v1.2.3"}},
		"a fetched commit":     {"", built(debug.Module{Version: pseudo, Sum: "h1:x"}), dir, source{version: pseudo}},
		"a commit of one's":    {"", built(debug.Module{Version: pseudo}), dir, source{dir: dir}},
		"a changed release":    {"", built(debug.Module{Version: "v1.2.3+dirty"}), dir, source{dir: dir}},
		"no version":           {"", built(debug.Module{Version: "(devel)"}), dir, source{dir: dir}},
		"nothing known":        {"", nil, dir, source{dir: dir}},
		"a program's source":   {"", used(debug.Module{Version: "v0.0.0", Replace: &debug.Module{Path: dir}}), "/none", source{dir: dir}},
		"what is given":        {dir, built(debug.Module{Version: "v1.2.3"}), "/none", source{dir: dir}},
		"source that is gone":  {"", built(debug.Module{Version: "(devel)"}), "/none", source{}},
		"paths are taken out":  {"", built(debug.Module{Version: "(devel)"}), modulePath, source{}},
		"another's source":     {t.TempDir(), nil, dir, source{}},
		"another's near it":    {"", used(debug.Module{Replace: &debug.Module{Path: "../pawl"}}), dir, source{}},
		"a version of no name": {"", built(debug.Module{Version: pseudo}), "/none", source{}},
	} {
		got, err := sourceOf(c.given, c.build, c.root)
		if got != c.want || (err == nil) != (c.want != source{}) {
			t.Errorf("%s: %+v, %v, want %+v", what, got, err, c.want)
		}
		if err != nil && !strings.Contains(err.Error(), "--replace") {
			t.Errorf("%s: %v does not say what to do", what, err)
		}
	}
}

// What is written builds with what Pawl itself was built with, wherever its source is.
func TestModuleFiles(t *testing.T) {
	dir := sourceIn(t)
	files, err := source{dir: dir}.moduleFiles("example.com/x")
	if err != nil || len(files) != 2 || files[1].Path != "go.sum" || !strings.HasPrefix(string(files[1].Data), "example.com/used") {
		t.Fatalf("%v, %v", files, err)
	}
	mod, err := modfile.Parse("go.mod", files[0].Data, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, files[0].Data)
	}
	if mod.Go.Version != "1.26.0" || len(mod.Require) != 3 || mod.Require[0].Indirect || !mod.Require[1].Indirect || mod.Replace[0].New.Path != dir {
		t.Errorf("go.mod is\n%s", files[0].Data)
	}
	files, err = source{version: "v1.2.3"}.moduleFiles("example.com/x")
	if want := "module example.com/x\n\nrequire " + modulePath + " v1.2.3\n"; err != nil || len(files) != 1 || string(files[0].Data) != want {
		t.Errorf("%s, %v, want\n%s", files[0].Data, err, want)
	}
}
