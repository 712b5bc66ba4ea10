package cli

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
)

// A line that names a flow makes the command of that flow alone, and whatever it prints knows
// those of all.
func TestCommandsOfFlows(t *testing.T) {
	made := map[string]int{}
	counted := func(name string) pawl.Flow { return counting{echo(name), made} }
	c := newCommand(t, echo("first"), counted("one"), counted("two"), counted("three"))
	for _, x := range []struct {
		line string
		made string // the flows whose commands are made
	}{
		{"run one --topic tides --model offline --quiet", "one"},
		{"run --quiet one --topic two --model offline", "one two"}, // which of them is the command is for the parser to say
		{"schedule add two --topic tides --every 1h --id s1 --quiet", "two"},
		{"version", ""},
		{"inbox", ""},
		{"run", "one two three"},
		{"run one --help", "one"},
	} {
		clear(made)
		c.run(strings.Fields(x.line)...)
		for _, name := range []string{"one", "two", "three"} {
			if want := strings.Contains(" "+x.made+" ", " "+name+" "); (made[name] > 0) != want {
				t.Errorf("pawl %s: the command of %s was made: %v", x.line, name, made[name] > 0)
			}
		}
	}
	for _, x := range []struct{ line, says string }{
		{"run --data one --help", "two"},
		{"run --help", "three"},
		{"help run", "two"},
		{"--help", "run"},
		{"schedule add --data one --help", "two"},
		{"help run two", "--topic"},
		{"run four --topic one", `unknown flow "four"; flows are first, one, two, three`},
		{"run --data one two --help", "pawl run two"},
		{"run", "which flow? flows are first, one, two, three"},
	} {
		if _, stdout, stderr := c.run(strings.Fields(x.line)...); !strings.Contains(stdout+stderr, x.says) {
			t.Errorf("pawl %s does not say %q:\n%s%s", x.line, x.says, stdout, stderr)
		}
	}
}

// counting notes when what it has to say for a command is asked for.
type counting struct {
	pawl.Flow
	asked map[string]int
}

func (f counting) Describe() pawl.FlowInfo {
	f.asked[f.Name()]++
	return f.Flow.Describe()
}
