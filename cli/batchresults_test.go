package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/wholefile"
)

// A batch that ends before its lines do leaves what it has, in the order of the lines, and
// loses nothing that is done of what an earlier file has.
func TestResultsSoFar(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.jsonl")
	lines := []batchLine{{n: 1, run: "a"}, {n: 2, run: "b"}, {n: 4, run: "c"}, {n: 5, run: "d"}, {n: 6, run: "e"}}
	was := `{"line":7,"run":"d","status":"done","output":"old"}` + "\n" + `{"line":8,"run":"e","status":"failed"}` + "\n" + `{"line":9,"run":"gone","status":"done"}` + "\n"
	if err := os.WriteFile(path, []byte(was), 0o600); err != nil {
		t.Fatal(err)
	}
	newFile := func() *results {
		f, err := wholefile.New(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(f.Discard)
		return &results{w: f, file: f, kept: map[int][]byte{}}
	}
	empty := newFile()
	if n, err := empty.leave([]batchLine{{n: 1, run: "a"}}); n != 0 || err != nil {
		t.Error(n, err)
	}
	if now, err := os.ReadFile(path); string(now) != was || err != nil {
		t.Errorf("without results the file is %q, %v", now, err)
	}
	r := newFile()
	for i, id := range map[int]pawl.RunID{0: "a", 2: "c"} {
		if err := r.put(i, result{Line: lines[i].n, Run: id, Status: pawl.StatusDone, Output: json.RawMessage("1")}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := r.leave(lines); n != 3 || err != nil {
		t.Error(n, err)
	}
	if err := r.put(1, result{}); err != nil {
		t.Error(err)
	}
	now, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for text := range strings.Lines(string(now)) {
		var one result
		if err := json.Unmarshal([]byte(text), &one); err != nil {
			t.Fatal(err)
		}
		got = append(got, string(one.Run)+" "+string(rune('0'+one.Line))+" "+string(one.Output))
	}
	if s := strings.Join(got, ", "); s != `a 1 1, c 4 1, d 5 "old"` {
		t.Errorf("the file has %s", s)
	}
}
