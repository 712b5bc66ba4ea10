package temporal

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"testing"
)

// TestSource: what decides on a program is in its name, and where the files that it was compiled
// from may be others than a version or a commit says, there is none.
func TestSource(t *testing.T) {
	commit := func() *debug.BuildInfo {
		return &debug.BuildInfo{GoVersion: "go1.26.1", Path: "example.com/mine/cmd/mine", Main: debug.Module{Path: "example.com/mine", Version: "v0.0.0-1-abc"},
			Deps:     []*debug.Module{{Path: "example.com/other", Version: "v1.0.0", Sum: "h1:a"}},
			Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "false"}, {Key: "GOARCH", Value: "amd64"}}}
	}
	set := func(b *debug.BuildInfo, key, value string) {
		b.Settings = append(b.Settings, debug.BuildSetting{Key: key, Value: value})
	}
	want := source(commit())
	if want == "" {
		t.Fatal("a commit is no source")
	}
	for name, change := range map[string]func(b *debug.BuildInfo){
		"machine": func(b *debug.BuildInfo) { set(b, "GOARCH", "arm64") },
		"time":    func(b *debug.BuildInfo) { set(b, "vcs.time", "2026-01-01") },
	} {
		b := commit()
		if change(b); source(b) != want {
			t.Errorf("%s: it is another build", name)
		}
	}
	for name, change := range map[string]func(b *debug.BuildInfo){
		"revision":   func(b *debug.BuildInfo) { set(b, "vcs.revision", "abd") },
		"compiler":   func(b *debug.BuildInfo) { b.GoVersion = "go1.26.2" },
		"tags":       func(b *debug.BuildInfo) { set(b, "-tags", "large") },
		"ldflags":    func(b *debug.BuildInfo) { set(b, "-ldflags", "-X main.mode=large") },
		"program":    func(b *debug.BuildInfo) { b.Path = "example.com/mine/cmd/other" },
		"dependency": func(b *debug.BuildInfo) { b.Deps[0].Sum = "h1:b" },
		"replaced": func(b *debug.BuildInfo) {
			b.Deps[0].Replace = &debug.Module{Path: "example.com/fork", Version: "v1.0.0", Sum: "h1:c"}
		},
		"installed": func(b *debug.BuildInfo) { b.Main.Sum, b.Settings = "h1:d", nil },
	} {
		b := commit()
		if change(b); source(b) == want || source(b) == "" {
			t.Errorf("%s: it is %q", name, source(b))
		}
	}
	for name, change := range map[string]func(b *debug.BuildInfo){
		"changed files":      func(b *debug.BuildInfo) { set(b, "vcs.modified", "true") },
		"no commit":          func(b *debug.BuildInfo) { b.Settings = nil },
		"directory":          func(b *debug.BuildInfo) { b.Deps[0].Replace = &debug.Module{Path: "../other"} },
		"workspace":          func(b *debug.BuildInfo) { b.Deps[0].Version = "(devel)" },
		"without a compiler": func(b *debug.BuildInfo) { b.GoVersion = "" },
	} {
		b := commit()
		if change(b); source(b) != "" {
			t.Errorf("%s: it is a source", name)
		}
	}
	if source(nil) != "" {
		t.Error("nothing is a source")
	}
}

// TestSourceOfPrograms: a commit that is compiled in two places and for two machines gives two
// files and one source; a change that is not committed gives none.
func TestSourceOfPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles programs")
	}
	one := filepath.Join(t.TempDir(), "one")
	command := func(dir string, env []string, args ...string) {
		t.Helper()
		c := exec.Command(args[0], args[1:]...)
		c.Dir, c.Env = dir, append(os.Environ(), append(env, "GOWORK=off", "GOFLAGS=", "GIT_CONFIG_GLOBAL=/dev/null")...)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	write := func(dir, name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(one, 0o700); err != nil {
		t.Fatal(err)
	}
	write(one, "go.mod", "module example.com/mine\n\ngo 1.24\n")
	write(one, "main.go", "package main\n\nfunc main() { println(\"one\") }\n")
	command(one, nil, "git", "init", "-q")
	command(one, nil, "git", "add", ".")
	command(one, nil, "git", "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-qm", "one")
	two := filepath.Join(t.TempDir(), "two")
	command(one, nil, "git", "clone", "-q", one, two)
	built := func(dir, machine string) (string, []byte) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "program")
		command(dir, []string{"GOOS=linux", "GOARCH=" + machine}, "go", "build", "-buildvcs=true", "-o", file, ".")
		info, err := buildinfo.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return source(info), data
	}
	here, a := built(one, "amd64")
	there, b := built(two, "arm64")
	if here == "" || here != there || string(a) == string(b) {
		t.Errorf("sources %q and %q", here, there)
	}
	write(two, "main.go", "package main\n\nfunc main() { println(\"two\") }\n")
	if changed, _ := built(two, "amd64"); changed != "" {
		t.Errorf("a change gives %q", changed)
	}
}
