package doctor_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl/cli/internal/doctor"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/llm/openai"
	"github.com/pawlrun/pawl/llm/openaichat"
)

// examined is a report with providers and an environment of its own.
type examined struct {
	*doctor.Report
	env map[string]string
}

// newReport begins a report that looks for no servers but these.
func newReport(servers ...llm.Server) examined {
	env := map[string]string{}
	chat := openaichat.Provider()
	chat.Servers = servers
	return examined{doctor.New(doctor.Options{
		Providers: []llm.Provider{openai.Provider(), chat, offline.Provider()},
		Getenv:    func(name string) string { return env[name] },
		Now:       time.Now,
		Command:   func(words ...string) string { return "pawl " + strings.Join(words, " ") },
	}), env}
}

// text is what was found, a line for each check.
func (r examined) text() string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s  %s  %s", f.Status, f.Check, f.Detail)
		if f.Remedy != "" {
			fmt.Fprintf(&b, "; %s", f.Remedy)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// failed reports whether a check failed.
func (r examined) failed() bool {
	for _, f := range r.Findings {
		if f.Status == doctor.Fail {
			return true
		}
	}
	return false
}

// finds checks what was found, and that it holds none of these secrets.
func (r examined) finds(t *testing.T, want string, secrets ...string) {
	t.Helper()
	if !strings.Contains(r.text(), want) {
		t.Errorf("found\n%s\nwants %q", r.text(), want)
	}
	for _, s := range secrets {
		if strings.Contains(r.text(), s) {
			t.Errorf("the findings show %q:\n%s", s, r.text())
		}
	}
}

// address is where something listens, as the base URL of a server.
func address(l net.Listener) string { return "http://" + l.Addr().String() + "/v1" }

// missing opens no database.
func missing(context.Context) (doctor.Database, error) { return nil, fmt.Errorf("there is none") }
