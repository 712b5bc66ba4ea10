package paper

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
)

const hostile = "</pre><script>alert(1)</script> ``` \n# heading\n\x1b[31m<img src=x onerror=y> [a](b)"

func hostilePaper(t *testing.T) Paper {
	t.Helper()
	raw, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	when := pawl.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("x", 3600)))
	return Paper{Last: "sha256:1", Withheld: 2, Notes: []Note{{when, hostile}}, Run: pawl.RunRecord{
		ID: "r", Flow: "f", Status: pawl.StatusFailed, Reason: hostile, Who: hostile, Input: raw, Output: raw, CreatedAt: when, UpdatedAt: when,
		Error: &pawl.ErrorRecord{Message: hostile},
		Steps: []pawl.StepRecord{{Key: pawl.Key(hostile), Purpose: hostile, Output: raw, StartedAt: &when, EndedAt: &when,
			Attempts: []pawl.Attempt{{Number: 1, Gates: []pawl.GateResult{{Name: hostile, Detail: hostile}}, Error: &pawl.ErrorRecord{Message: hostile}}}}},
		Decisions: []pawl.Decision{{Key: "k", What: pawl.DecideReject, Who: hostile, Comment: hostile, Value: raw, At: when}},
	}}
}

// Nothing that a run holds is markup in its page.
func TestHTMLIsInert(t *testing.T) {
	page, err := hostilePaper(t).HTML()
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"<script", "<img", "onerror=y>"} {
		if bytes.Contains(page, []byte(tag)) {
			t.Errorf("%s is in\n%s", tag, page)
		}
	}
	if n := bytes.Count(page, []byte("&lt;script&gt;")); n < 10 {
		t.Errorf("the texts are told %d times, wants them all", n)
	}
	for _, needs := range []string{"http:", "https:", "src="} {
		if bytes.Contains(bytes.ReplaceAll(page, []byte("img src=x"), nil), []byte(needs)) {
			t.Errorf("the page needs %s", needs)
		}
	}
	if !bytes.Contains(page, []byte("2026-03-01 11:00:00 UTC")) {
		t.Errorf("times are not in UTC:\n%s", page)
	}
}

// No output hides what the run is, took and decided, and no character steers who shows it.
func TestOutputHidesNothing(t *testing.T) {
	const steers = "\x1b[2J\u009b2J\u202ecod\u2066x\x00"
	for _, end := range []string{"<!--", "```", "~~~~", "<details>", "<style>"} {
		p := hostilePaper(t)
		p.Text = "Fine." + steers + "\n\n" + end
		told := string(p.Markdown())
		before, _, ok := strings.Cut(told, end)
		if end == "```" {
			before = told[:strings.LastIndex(told, end)]
		}
		if !ok || !strings.Contains(before, "last hash") || !strings.Contains(before, "## Decisions") || !strings.Contains(before, "## Notes") {
			t.Errorf("behind %s stands what the run is:\n%s", end, told)
		}
		page, err := p.HTML()
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{told, string(page)} {
			if strings.ContainsAny(text, "\x1b\u009b\u202e\u2066\x00") || !strings.Contains(text, "\ufffdcod") {
				t.Errorf("a character steers:\n%q", text)
			}
		}
	}
}

// A line of Markdown is no other line, and what is quoted does not end its block.
func TestMarkdownIsQuoted(t *testing.T) {
	fence := ""
	for line := range strings.Lines(string(hostilePaper(t).Markdown())) {
		line = strings.TrimSuffix(line, "\n")
		if ticks := strings.TrimLeft(line, "`"); ticks == "" && len(line) >= 3 && (fence == "" || line == fence) {
			if fence == "" {
				fence = line
			} else {
				fence = ""
			}
			continue
		}
		if fence == "" && (strings.HasPrefix(line, "# heading") || strings.Contains(line, "<script>") && !strings.Contains(line, `\<script\>`) || strings.ContainsRune(line, '\x1b')) {
			t.Errorf("outside of a block stands %q", line)
		}
	}
	if fence != "" {
		t.Error("a block does not end")
	}
}
