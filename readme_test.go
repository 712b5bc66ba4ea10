package pawl_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// block is a fenced block of README.md behind a comment that says where it
// comes from: "file: PATH", a part of that file, or "run", commands with their
// output.
var block = regexp.MustCompile("(?s)<!-- (file: (\\S+)|run) -->\n```[a-z]*\n(.*?)```\n")

func TestReadmeQuotesFiles(t *testing.T) {
	n := 0
	for _, m := range block.FindAllStringSubmatch(read(t, "README.md"), -1) {
		if m[2] == "" {
			continue
		}
		n++
		if !strings.Contains(read(t, m[2]), m[3]) {
			t.Errorf("README.md shows something else than %s:\n%s", m[2], m[3])
		}
	}
	if n == 0 {
		t.Error("README.md quotes no file")
	}
}

// TestReadmeCommands runs what README.md shows. A line of three dots stands for
// any lines; times, durations and run ids differ each time.
func TestReadmeCommands(t *testing.T) {
	dir := t.TempDir()
	bin := filepath.Join(dir, "pawl")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", bin, "./cmd/pawl").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	n := 0
	for _, m := range block.FindAllStringSubmatch(read(t, "README.md"), -1) {
		if m[1] != "run" {
			continue
		}
		for _, command := range strings.Split("\n"+m[3], "\n$ ")[1:] {
			n++
			line, want, _ := strings.Cut(command, "\n")
			sh := exec.Command("sh", "-c", line+" 2>&1")
			sh.Dir = dir
			sh.Env = []string{"PAWL_DATA=" + filepath.Join(dir, "data"), "PATH=" + dir + string(filepath.ListSeparator) + os.Getenv("PATH"), "HOME=" + dir, "USER=anna"}
			out, _ := sh.CombinedOutput()
			if d := cmp.Diff(normal(want), elide(normal(want), normal(string(out)))); d != "" {
				t.Errorf("%s (-README +real):\n%s", line, d)
			}
		}
	}
	if n == 0 {
		t.Error("README.md shows no command")
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
