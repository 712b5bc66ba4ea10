package pawl_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shows are pages that must quote files or show commands. Whatever any page shows is checked.
var shows = map[string]string{
	"README.md": "file run screen", "docs/guide.md": "run", "docs/author.md": "file", "docs/testing.md": "file run",
	"docs/operate.md": "file run", "docs/reference/prompts.md": "file", "docs/learn/README.md": "file run",
}

// goRun is how pages start the programs in examples/learn, which are built once.
var goRun = regexp.MustCompile(`go run \./examples/learn/(\S+)`)

// block is a fenced block of a page behind a comment that says where it comes from:
// "file: PATH", a part of that file; "run", commands with their output; or "screen", a
// command with what a terminal of 80 columns shows at its end.
var block = regexp.MustCompile("(?s)<!-- (file: (\\S+)|run|screen) -->\n```[a-z]*\n(.*?)```\n")

// notOurs reports whether a folder holds what others wrote, or what tests leave.
func notOurs(p string, d fs.DirEntry) bool {
	return d.Name() == "node_modules" || d.Name() == "test-results" || p != "." && strings.HasPrefix(d.Name(), ".")
}

// documents are all pages that people read.
func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	err := fs.WalkDir(os.DirFS("."), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "prompts" || notOurs(p, d)):
			return fs.SkipDir
		case strings.HasSuffix(p, ".md"):
			all = append(all, p)
		}
		return nil
	})
	if err != nil || len(all) < 40 {
		t.Fatalf("there are %d pages, %v", len(all), err)
	}
	return all
}

// blocks are the blocks of a page of one sort: "file", "run" or "screen". A block of a
// file is its path and its text.
func blocks(t *testing.T, page, sort string) (all [][2]string) {
	t.Helper()
	for _, m := range block.FindAllStringSubmatch(read(t, page), -1) {
		if strings.HasPrefix(m[1], sort) {
			all = append(all, [2]string{m[2], m[3]})
		}
	}
	return all
}

func TestPagesShowWhatTheyShould(t *testing.T) {
	patterns, err := filepath.Glob("docs/patterns/[a-z]*.md")
	if err != nil || len(patterns) < 8 {
		t.Fatalf("there are %d pages of patterns, %v", len(patterns), err)
	}
	for _, page := range patterns {
		shows[filepath.ToSlash(page)] = "file"
	}
	for page, sorts := range shows {
		for _, sort := range strings.Fields(sorts) {
			if len(blocks(t, page, sort)) == 0 {
				t.Errorf("%s has no block of sort %q", page, sort)
			}
		}
	}
}

func TestPagesQuoteFiles(t *testing.T) {
	for _, page := range documents(t) {
		for _, b := range blocks(t, page, "file") {
			if !strings.Contains(read(t, b[0]), b[1]) {
				t.Errorf("%s shows something else than %s:\n%s", page, b[0], b[1])
			}
		}
	}
}

// TestPagesHoldNoOtherGo: what a page shows of Go, and of the terminal, is code that runs.
func TestPagesHoldNoOtherGo(t *testing.T) {
	for _, page := range documents(t) {
		for sort, by := range map[string]string{"go": `file: \S+`, "console": "(run|screen)"} {
			text := read(t, page)
			if all, checked := strings.Count(text, "```"+sort+"\n"), len(regexp.MustCompile("<!-- "+by+" -->\n```"+sort+"\n").FindAllString(text, -1)); all != checked {
				t.Errorf("%s: %d of %d blocks of sort %q say where they come from", page, checked, all, sort)
			}
		}
	}
}

// TestPromisesNameTests: each section of these pages that promises something names the tests
// and scripts that hold it, and there they are.
func TestPromisesNameTests(t *testing.T) {
	for _, page := range []string{"SECURITY.md", "docs/principles.md", "docs/promises.md"} {
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

// TestPageCommands runs what pages show, and looks at it on a terminal. A line of three dots stands for any
// lines; times, durations and run ids differ each time.
func TestPageCommands(t *testing.T) {
	bin := buildPrograms(t)
	for _, page := range documents(t) {
		if len(blocks(t, page, "run")) > 0 {
			t.Run(page, func(t *testing.T) {
				runCommands(t, page, bin)
				showScreens(t, page, bin)
			})
		}
	}
}

// buildPrograms builds pawl and the programs of the course, and returns their folder.
func buildPrograms(t *testing.T) string {
	t.Helper()
	bin := t.TempDir() + string(filepath.Separator)
	for _, of := range []string{"./cmd/pawl", "./examples/learn/..."} {
		if out, err := exec.Command("go", "build", "-o", bin, of).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return bin
}

func runCommands(t *testing.T, page, bin string) {
	dir := t.TempDir()
	for _, b := range blocks(t, page, "run") {
		for _, command := range strings.Split("\n"+b[1], "\n$ ")[1:] {
			line, want, _ := strings.Cut(command, "\n")
			line = goRun.ReplaceAllString(line, "$1")
			out, _ := shell(dir, bin, line+" 2>&1").CombinedOutput()
			if d := cmp.Diff(normal(want), elide(normal(want), normal(string(out)))); d != "" {
				t.Errorf("%s (-%s +real):\n%s", line, page, d)
			}
		}
	}
}

// shell executes a command line of a page: in a folder, with its programs, as anna.
func shell(dir, bin, line string) *exec.Cmd {
	sh := exec.Command("sh", "-c", line)
	sh.Dir = dir
	sh.Env = []string{"PAWL_DATA=" + filepath.Join(dir, "data"), "PATH=" + bin + string(filepath.ListSeparator) + os.Getenv("PATH"), "HOME=" + dir, "USER=anna", "TERM=xterm-256color"}
	return sh
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
