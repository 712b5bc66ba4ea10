// Package realtest asks real model servers: the adapters' matrix, and flows to their end.
// scripts/real.sh sets them up and runs it once for each (make real); elsewhere its tests
// are skipped.
//
// PAWL_REAL_SERVER is a shell command that serves a model at port $1 for as long as its
// standard input is open. PAWL_REAL_GATEWAY, if there is one, serves a gateway at port $2
// before the model server, whose base URL is $1. PAWL_REAL_KNOWN names the file of testdata
// that says what the two do.
//
// PAWL_REAL_URL is the base URL of a server that is there already, ending in /v1; nothing
// is then taken for granted. PAWL_REAL_MODEL is the name of the model, PAWL_REAL_KEY the
// key, if one is wanted, and PAWL_REAL_NAME what the table is headed with.
package realtest

import (
	"cmp"
	"os"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/anthropic"
	"github.com/pawlrun/pawl/llm/gemini"
	"github.com/pawlrun/pawl/llm/openai"
	"github.com/pawlrun/pawl/llm/openaichat"
)

var (
	command = os.Getenv("PAWL_REAL_SERVER")
	gateway = os.Getenv("PAWL_REAL_GATEWAY")
	known   = os.Getenv("PAWL_REAL_KNOWN")
	given   = os.Getenv("PAWL_REAL_URL")
	model   = cmp.Or(os.Getenv("PAWL_REAL_MODEL"), "smollm2")
	key     = os.Getenv("PAWL_REAL_KEY")
)

func TestMain(m *testing.M) {
	code := m.Run()
	if shared != nil {
		shared.stop()
	}
	printTable(os.Stdout)
	if code == 0 && known != "" {
		code = compareWithKnown()
	}
	os.Exit(code)
}

// wires are the adapters by the name of their provider. The gateway speaks Gemini's, too.
func wires(url string) llm.Catalog {
	all := llm.Catalog{
		"openai-chat": openaichat.New(&openaichat.Options{BaseURL: url, APIKey: key}),
		"openai":      openai.New(&openai.Options{BaseURL: url, APIKey: cmp.Or(key, "none")}),
		"anthropic":   anthropic.New(&anthropic.Options{BaseURL: url, APIKey: cmp.Or(key, "none")}),
	}
	if gateway != "" {
		all["gemini"] = gemini.New(&gemini.Options{BaseURL: strings.TrimSuffix(url, "/v1"), APIKey: cmp.Or(key, "none")})
	}
	return all
}
