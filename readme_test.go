package pawl_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pages are what users read: each quotes files and shows commands.
var pages = []string{"README.md", "docs/testing.md", course}

// course is a page whose commands are those of the programs in examples/learn. They are
// built once.
const course = "docs/learn/README.md"

var goRun = regexp.MustCompile(`go run \./examples/learn/(\S+)`)

// block is a fenced block of a page behind a comment that says where it
// comes from: "file: PATH", a part of that file, or "run", commands with their
// output.
var block = regexp.MustCompile("(?s)<!-- (file: (\\S+)|run) -->\n```[a-z]*\n(.*?)```\n")

// quoting are all pages that show code.
func quoting(t *testing.T) []string {
	patterns, err := filepath.Glob("docs/patterns/[a-z]*.md")
	if err != nil || len(patterns) < 8 {
		t.Fatalf("there are %d pages of patterns, %v", len(patterns), err)
	}
	return append(patterns, pages...)
}

func TestPagesQuoteFiles(t *testing.T) {
	for _, page := range quoting(t) {
		n := 0
		for _, m := range block.FindAllStringSubmatch(read(t, page), -1) {
			if m[2] == "" {
				continue
			}
			n++
			if !strings.Contains(read(t, m[2]), m[3]) {
				t.Errorf("%s shows something else than %s:\n%s", page, m[2], m[3])
			}
		}
		if n == 0 {
			t.Errorf("%s quotes no file", page)
		}
	}
}

// TestPagesHoldNoOtherGo: what a page of instructions shows is code that runs.
func TestPagesHoldNoOtherGo(t *testing.T) {
	for _, page := range quoting(t) {
		text := read(t, page)
		if all, checked := strings.Count(text, "```go\n"), len(regexp.MustCompile("<!-- file: \\S+ -->\n```go\n").FindAllString(text, -1)); all != checked {
			t.Errorf("%s: %d of %d blocks of Go say which file they come from", page, checked, all)
		}
	}
}

// TestPromisesNameTests: each section of these pages that promises something names the tests
// and scripts that hold it, and there they are.
func TestPromisesNameTests(t *testing.T) {
	for _, page := range []string{"SECURITY.md", "docs/principles.md"} {
		t.Run(page, func(t *testing.T) { checkPromises(t, read(t, page)) })
	}
}

func checkPromises(t *testing.T, text string) {
	lists := regexp.MustCompile("<!-- tests: (.*) -->").FindAllStringSubmatch(text, -1)
	if sections := strings.Count(text, "\n## "); len(lists) < sections-1 { // how to report promises nothing
		t.Errorf("%d lists of tests for %d sections", len(lists), sections)
	}
	for _, m := range lists {
		for _, held := range strings.Split(m[1], ", ") {
			dir, name, _ := strings.Cut(held, " ")
			if strings.HasSuffix(name, ".txtar") {
				read(t, dir+"/testdata/script/"+name)
				continue
			}
			files, err := filepath.Glob(filepath.Join(filepath.FromSlash(dir), "*_test.go"))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(files, func(f string) bool { return strings.Contains(read(t, f), "\nfunc "+name+"(") }) {
				t.Errorf("there is no test %s", held)
			}
		}
	}
}

// TestPageCommands runs what a page shows. A line of three dots stands for any
// lines; times, durations and run ids differ each time.
func TestPageCommands(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "pawl")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", bin, "./cmd/pawl").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command("go", "build", "-o", filepath.Dir(bin)+string(filepath.Separator), "./examples/learn/...").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, page := range pages {
		t.Run(page, func(t *testing.T) { runCommands(t, page, bin) })
	}
}

func runCommands(t *testing.T, page, bin string) {
	dir, n := t.TempDir(), 0
	for _, m := range block.FindAllStringSubmatch(read(t, page), -1) {
		if m[1] != "run" {
			continue
		}
		for _, command := range strings.Split("\n"+m[3], "\n$ ")[1:] {
			n++
			line, want, _ := strings.Cut(command, "\n")
			line = goRun.ReplaceAllString(line, "$1")
			sh := exec.Command("sh", "-c", line+" 2>&1")
			sh.Dir = dir
			sh.Env = []string{"PAWL_DATA=" + filepath.Join(dir, "data"), "PATH=" + filepath.Dir(bin) + string(filepath.ListSeparator) + os.Getenv("PATH"), "HOME=" + dir, "USER=anna"}
			out, _ := sh.CombinedOutput()
			if d := cmp.Diff(normal(want), elide(normal(want), normal(string(out)))); d != "" {
				t.Errorf("%s (-%s +real):\n%s", line, page, d)
			}
		}
	}
	if n == 0 {
		t.Errorf("%s shows no command", page)
	}
}

var variable = []struct {
	re *regexp.Regexp
	to string
}{
	{regexp.MustCompile(`\[\d\d:\d\d:\d\d\]`), "[hh:mm:ss]"},
	{regexp.MustCompile(`\b(run|resume|continue|approve|reject|answer|supply|raise) [0-9a-v]{12}\b`), "$1 RUN"},
	{regexp.MustCompile(`(?m)^[0-9a-v]{12}(  |$)`), "RUN$1"},
	{regexp.MustCompile(`--seen [0-9a-f]{12}\b`), "--seen DIGEST"},
	{regexp.MustCompile(`\b\d+(\.\d+)?(µs|ms|s)\b`), "TIME"},
}

func normal(s string) []string {
	for _, v := range variable {
		s = v.re.ReplaceAllString(s, v.to)
	}
	return strings.Split(strings.TrimRight(s, "\n"), "\n")
}

// elide replaces what stands in for three dots by them, as far as got has the
// lines of want.
func elide(want, got []string) []string {
	var out []string
	for i, w := range want {
		if w != "..." {
			if len(got) > 0 {
				out, got = append(out, got[0]), got[1:]
			}
			continue
		}
		for len(got) > 0 && (i+1 == len(want) || got[0] != want[i+1]) {
			got = got[1:]
		}
		out = append(out, "...")
	}
	return append(out, got...)
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
