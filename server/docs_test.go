package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/internal/webhook"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/server"
)

// The command lines of docs/webhooks.md are executed against a server: those that sign where
// there is an openssl.
func TestWebhooksPage(t *testing.T) {
	lookTools(t, "bash", "curl")
	page, err := os.ReadFile("../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```(sh|bash)\n(.*?)```")
	commands, signs := "", false
	for _, m := range block.FindAllStringSubmatch(string(page), -1) {
		if _, err := exec.LookPath("openssl"); m[1] == "sh" || err == nil {
			commands += m[2]
			signs = signs || m[1] == "bash"
		}
	}
	h := openHooks(t, func(o *server.Options) {
		o.CheckHook = func(_ string, header http.Header, body []byte) error {
			if header.Get("Webhook-Signature") == "" {
				return nil // the page begins without
			}
			return webhook.Verify(secretsOf(t, standardSecret), header, body, time.Now())
		}
	})
	rec := h.ordered(true)
	cmd := exec.CommandContext(t.Context(), "bash", "-c", `set -exo pipefail
hook() { grep -o '"hook":"[^"]*"' | cut -d'"' -f4; }
rests() { curl -sf -m 60 "$WAIT/$1" > /dev/null; }
`+commands)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "SERVER="+h.URL, "API="+h.URL+"/api/v1", "AUTH=Authorization: Bearer "+otto, "WAIT="+h.waiting(), "RUN="+string(rec.ID), "SECRET="+standardSecret)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out[max(0, len(out)-2000):])
	}
	want := "Where to?"
	if signs {
		want = "Ship it?"
	}
	if rec = h.rest(rec.ID); rec.Reason != want {
		t.Errorf("run is %s (%s), want %s", rec.Status, rec.Reason, want)
	}
}

// lookTools skips a test without these tools, but where they are to be there.
func lookTools(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		switch _, err := exec.LookPath(tool); {
		case err == nil:
		case os.Getenv("PAWL_TEST_TOOLS") != "":
			t.Fatalf("there is no %s here", tool)
		default:
			t.Skipf("there is no %s here; `make test` does not do without", tool)
		}
	}
}

// The command lines of docs/api.md are executed, one after another, against a server, and
// each route of the document is among them.
func TestPage(t *testing.T) {
	lookTools(t, "bash", "curl")
	page, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	script := `set -exo pipefail
id() { grep -o '"id":"[0-9a-v]*"' | head -1 | cut -d'"' -f4; }
digest() { grep -o '"digest":"[^"]*"' | head -1 | cut -d'"' -f4; }
rests() { curl -sf -m 60 "$WAIT/$1" > /dev/null; }
`
	var commands string
	for _, m := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		commands += m[1]
	}
	standIn := llm.Func(func(ctx context.Context, req llm.Request, tell func(llm.Delta)) (llm.Response, error) {
		req.Model = "" // it knows itself by no other name
		return offline.Model{}.Generate(ctx, req, tell)
	})
	h := openWith(t, t.TempDir(), llm.Catalog{"test": standIn}, nil, func(o *server.Options) {
		o.Flows = []pawl.Flow{article.Flow}
		o.Demo = func(context.Context) ([]pawl.RunID, error) { return []pawl.RunID{"demo0000done"}, nil }
	})
	wait := h.waiting()
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script+commands)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "API="+h.URL+"/api/v1", "AUTH=Authorization: Bearer "+otto, "WAIT="+wait)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out[max(0, len(out)-2000):])
	}

	var doc struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(h.server.OpenAPI(), &doc); err != nil {
		t.Fatal(err)
	}
	for path := range doc.Paths {
		at := regexp.QuoteMeta(strings.TrimPrefix(path, "/api/v1"))
		at = regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(at, `[^/ ?]+`)
		if !regexp.MustCompile(`\$API` + at + `["?| \n]`).MatchString(commands) {
			t.Errorf("docs/api.md has no command line for %s", path)
		}
	}
}
