package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/schema"
)

// played, if set, makes the test binary the command, or, without arguments, the program that
// answers.
const played = "PROVIDER_EXAMPLE"

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(played) == "":
		os.Exit(m.Run())
	case len(os.Args) > 1:
		main()
	}
	if err := answer(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// answer is a program that answers.
func answer() error {
	var q question
	if err := json.NewDecoder(os.Stdin).Decode(&q); err != nil {
		return err
	}
	if q.Model != "default" || q.MaxTokens == 0 {
		return fmt.Errorf("asked for %q with %d tokens", q.Model, q.MaxTokens)
	}
	req := llm.Request{MaxTokens: q.MaxTokens}
	for _, m := range q.Messages {
		req.Messages = append(req.Messages, llm.Message{Role: llm.Role(m.Role), Parts: []llm.Part{{Text: m.Text}}})
	}
	if q.Schema != nil {
		s, err := schema.Parse(q.Schema)
		if err != nil {
			return err
		}
		req.Schema = s
	}
	resp, err := offline.Model{}.Generate(context.Background(), req, nil)
	fmt.Print(resp.Text)
	return err
}

func run(t *testing.T, dir string, env []string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "PAWL_DATA=" + dir}, env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// The provider is told of wherever others are, and asked as they are.
func TestProvider(t *testing.T) {
	dir := t.TempDir()
	set := []string{played + "=answers", variable + "=" + os.Args[0]}
	for _, tt := range []struct {
		args, says string
		env        []string
	}{
		{"help models", "any model that the program at ASK_PROGRAM answers for", set},
		{"help environment", "ASK_PROGRAM", set},
		{"doctor", "ASK_PROGRAM             is set", set},
		{"__complete run article --model prog", "program/default", set},
		{"run article --topic tides --model program/default", "is done", set},
		{"run article --topic tides --model program/default", "set ASK_PROGRAM to a program", set[:1]},
		{"run article --topic tides --model program/default", "check ASK_PROGRAM", []string{played + "=answers", variable + "=" + dir + "/nowhere"}},
		{"run article --topic tides --model program", "name of a model is missing", set},
	} {
		out, err := run(t, dir, tt.env, strings.Fields(tt.args)...)
		if !strings.Contains(out, tt.says) {
			t.Errorf("%s (%v):\n%s", tt.args, err, out)
		}
	}
}
