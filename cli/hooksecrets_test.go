package cli

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/webhook"
)

// Which secrets count for which flow: its own, else those of all, else those of the
// environment; of several each does.
func TestHookSecrets(t *testing.T) {
	at := time.Unix(1764413468, 0)
	const body = "{}"
	flow := func(name string) pawl.Flow {
		return pawl.New(name, "Waits.", func(r *pawl.Run, in struct{}) (string, error) { return "", nil })
	}
	path := filepath.Join(t.TempDir(), "secrets")
	read := func(file, env string) (hookSecrets, *app, error) {
		t.Helper()
		name := ""
		if file != "" {
			name = path
			if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		a := newApp(world{program: "pawl", now: func() time.Time { return at }, getenv: func(v string) string {
			if v == hookSecretVariable {
				return env
			}
			return ""
		}}, Program{Flows: []pawl.Flow{flow("order"), flow("letter")}})
		all, err := a.hookSecrets(name)
		return all, a, err
	}
	signs := func(secret string) http.Header {
		t.Helper()
		if secret == "" {
			return http.Header{}
		}
		s, err := webhook.ParseSecret(secret)
		if err != nil {
			t.Fatal(err)
		}
		return webhook.Sign([]webhook.Secret{s}, "1", at, []byte(body))
	}
	const new, old, other, env = "the new secret of orders", "the old secret of orders", "the secret of all others", "the secret of everything"
	for name, c := range map[string]struct {
		file, env string
		taken     map[string][]string // by flow: signed with which; empty: not at all
	}{
		"both":        {"# orders\norder  " + new + "\r\n\norder\t" + old + "\n* " + other, env, map[string][]string{"order": {new, old}, "letter": {other}}},
		"a flow":      {"order " + new, "", map[string][]string{"order": {new}, "letter": {"", new, other}}},
		"and others":  {"order " + new, env, map[string][]string{"order": {new}, "letter": {env}}},
		"with a mark": {"\ufefforder " + new, "", map[string][]string{"order": {new}, "letter": {"", new, other}}},
		"environment": {"", new + "\n" + env, map[string][]string{"order": {new, env}, "letter": {new, env}}},
	} {
		all, a, err := read(c.file, c.env)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		check := a.checkHook(all)
		for _, of := range []string{"order", "letter"} {
			for _, secret := range []string{"", new, old, other, env} {
				taken := false
				for _, one := range c.taken[of] {
					taken = taken || one == secret || c.taken[of][0] == ""
				}
				if err := check(of, signs(secret), []byte(body)); (err == nil) != taken {
					t.Errorf("%s: a call for %s with %q: %v", name, of, secret, err)
				}
			}
		}
	}
	if all, a, err := read("", ""); err != nil || a.checkHook(all) != nil {
		t.Errorf("without secrets calls are checked: %v", err)
	}
	for file, says := range map[string]string{
		"orders " + new:     "line 1: it begins with no flow that there is: wants FLOW SECRET, or * SECRET for all others",
		"\norder":           "line 2: wants FLOW SECRET, or * SECRET for all others",
		"order tooshort":    "line 1: the secret's key has 8 bytes, 16 to 512 are taken",
		"order whsec_%%%%%": "line 1: what follows whsec_ is not base64",
		"# nothing":         "there is no secret in it",
		"\n \n":             "there is no secret in it",
		"order \xff" + new:  "it is not UTF-8 text",
		new + " order":      "line 1: it begins with no flow that there is: wants FLOW SECRET, or * SECRET for all others",
	} {
		_, _, err := read(file, "")
		if !errors.Is(err, pawl.ErrInput) || !strings.HasSuffix(err.Error(), says) || strings.Contains(err.Error(), "tooshort") || strings.Contains(err.Error(), "%%") || strings.Contains(err.Error(), "secret of orders") || strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v, want %s", file, err, says)
		}
	}
	if _, _, err := read("", "tooshort"); err == nil || err.Error() != "PAWL_HOOK_SECRET: line 1: the secret's key has 8 bytes, 16 to 512 are taken" {
		t.Errorf("the environment: %v", err)
	}
}

// Secrets that are wanted and are not there are refused before anything listens or works: a
// variable that another one has left empty, and a file with nothing in it.
func TestEmptySecrets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secrets")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	notify := []string{"--notify", "https://hook.example"}
	for _, test := range []struct {
		variable string
		args     []string
		says     string
	}{
		{"PAWL_HOOK_SECRET", []string{"serve"}, "PAWL_HOOK_SECRET is set, and empty; give it a secret, or unset it"},
		{"PAWL_HOOK_SECRET", []string{"serve", "--hook-secrets", file}, "PAWL_HOOK_SECRET is set, and empty; give it a secret, or unset it"},
		{"", []string{"serve", "--hook-secrets", file}, "--hook-secrets: there is no secret in it"},
		{"PAWL_NOTIFY_SECRET", append([]string{"worker"}, notify...), "PAWL_NOTIFY_SECRET is set, and empty; give it a secret, or unset it"},
		{"PAWL_NOTIFY_SECRET", append([]string{"serve", "--addr", "127.0.0.1:0"}, notify...), "PAWL_NOTIFY_SECRET is set, and empty; give it a secret, or unset it"},
		{"", append([]string{"worker", "--notify-secrets", file}, notify...), "--notify-secrets: there is no secret in it"},
		{"", []string{"serve", "--hook-secrets", ""}, "--hook-secrets is empty; give it a value or leave it out"},
	} {
		c := command{t: t, flows: []pawl.Flow{pawl.New("order", "Waits.", func(r *pawl.Run, in struct{}) (string, error) { return "", nil })}, env: map[string]string{"PAWL_DATA": filepath.Join(t.TempDir(), "data")}}
		if test.variable != "" {
			c.env[test.variable] = ""
		}
		code, _, stderr := c.run(test.args...)
		if _, err := os.Stat(c.env["PAWL_DATA"]); code != 2 || !strings.HasSuffix(strings.TrimSpace(stderr), test.says) || err == nil {
			t.Errorf("%s with %s empty: exit code %d, %s, %v", test.args, test.variable, code, stderr, err)
		}
	}
}
