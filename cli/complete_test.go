package cli

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
)

type completed struct {
	Tone  string `json:"tone" pawl:"enum=dry|bright|brisk,default=dry"`
	Long  bool   `json:"long" pawl:"default=false"`
	Topic string `json:"topic" pawl:"default=tides"`
	Model string `json:"model" pawl:"enum=big|small,default=big"`
}

func TestCompleteFields(t *testing.T) {
	c := newCommand(t, pawl.New("tone", "Say something.", func(*pawl.Run, completed) (string, error) { return "", nil }))
	for _, tt := range []struct{ args, want string }{
		{"--tone|", "dry bright brisk :36"},
		{"--tone|br", "bright brisk :36"},
		{"--tone|x", ":36"},
		{"--long=", "true false :36"},
		{"--long=t", "true :36"},
		{"--topic|", ":36"},
		{"--input-model|s", "small :36"}, // --model is the command's own
		{"--model|off", "offline :4"},
		{"--fallback|off", "offline :4"},
		{"-o|", "md json :8"},
		{"--input|", "json :8"},
		{"--prompts|", ":16"},
		{"--data|", ":16"},
	} {
		args := append([]string{"__complete", "run", "tone"}, strings.Split(tt.args, "|")...)
		stdout, _ := c.ok(args...)
		var got []string
		for line := range strings.Lines(stdout) {
			name, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
			got = append(got, name)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: completed with %q, wants %q", tt.args, got, tt.want)
		}
	}
}
