package cli

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// plainFlow is a flow of another make.
type plainFlow struct{ pawl.Flow }

func TestPromptsOfOtherFlows(t *testing.T) {
	c := newCommand(t, plainFlow{echo("other")}, echo("echo"))
	dir := t.TempDir()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"run", "other", "--prompts", dir}, "the prompts of flow other cannot be replaced"},
		{[]string{"describe", "echo", "--write-prompts", dir}, "flow echo lists no prompts"},
	} {
		if code, _, stderr := c.run(tt.args...); code != 2 || !strings.Contains(stderr, tt.want) {
			t.Errorf("%v: exit code %d\n%s", tt.args, code, stderr)
		}
	}
	stdout, _ := c.ok("describe", "echo", "--json")
	if !strings.Contains(stdout, `"prompts": []`) || !strings.Contains(stdout, `"example": null`) {
		t.Errorf("describe --json:\n%s", stdout)
	}
	if stdout, _ = c.ok("describe", "echo"); !strings.Contains(stdout, "Output:\n  text\n\nExample:\n") {
		t.Errorf("describe:\n%s", stdout)
	}
}

// Prompts of one name are written once if they are the same, and else not at all.
func TestWritePromptsOfOneName(t *testing.T) {
	flow := func(texts ...string) pawl.Flow {
		var all []interface{ Info() pawl.PromptInfo }
		for _, text := range texts {
			all = append(all, pawl.MustPrompt[topic, string](fstest.MapFS{"say.md": {Data: []byte("purpose: Saying\n---\n# user\n" + text)}}, "say.md"))
		}
		return pawl.New("twins", "Have prompts.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "say", pawl.Messages[string]("Saying", llm.User("x"))), nil
		}, pawl.Prompts(all...))
	}
	c := newCommand(t, flow("{{.Topic}}", "{{.Topic}}"))
	if stdout, _ := c.ok("describe", "twins", "--write-prompts", t.TempDir()); strings.Count(stdout, "say.md") != 1 {
		t.Errorf("it wrote:\n%s", stdout)
	}
	c.flows = []pawl.Flow{flow("{{.Topic}}", "again {{.Topic}}")}
	if code, _, stderr := c.run("describe", "twins", "--write-prompts", t.TempDir()); code != 2 || !strings.Contains(stderr, `two prompts named "say"`) {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}
