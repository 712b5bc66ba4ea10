package pawltest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/recorded"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

// update has its own name, so that it stands beside the -update that a test may have.
var update = flag.Bool("pawl.update", false, "record the runs of pawltest.Replay anew; only what has changed is asked")

// Replay executes a flow against a run that was exported to a file (pawl export), and
// against that alone: no model is called, nothing is done, nobody is asked and no time
// passes, in a bubble of testing/synctest or not. It fails the test where the flow does
// something else than the recorded run, be that a question in other words, a step more or
// less, or another output, and says what is otherwise. Rejected answers, failures, sleeps,
// deadlines and decisions come to the flow as they are recorded.
//
// With the flag -pawl.update of go test the file is recorded anew instead, where it has
// changed: what asks the same is taken over from it, also what people decided, and the
// rest is asked of m. It is asked whatever model is recorded, and recorded under that
// name. Without m only runs that were recorded with the stand-in can be recorded anew;
// "pawl test" records others with the models of a program.
func Replay(t testing.TB, f pawl.Flow, file string, m ...llm.Model) {
	t.Helper()
	run, err := recorded.Read(file)
	if err != nil {
		t.Fatalf("recorded run: %v", says(err))
	}
	misses, err := recorded.Check(t.Context(), f, run)
	if err != nil {
		t.Fatalf("recorded run %s: %v", file, says(err))
	}
	switch {
	case len(misses) == 0:
	case *update:
		record(t, f, file, run, m)
	default:
		var text strings.Builder
		for _, miss := range misses {
			text.WriteString(indent(recorded.Text(miss)) + "\n")
		}
		t.Errorf("%s does something else than the run in %s:\n%s%s", f.Name(), file, text.String(),
			indent("if that is as it should be, record the run anew: go test -pawl.update"))
	}
}

func record(t testing.TB, f pawl.Flow, file string, run *runfile.File, m []llm.Model) {
	t.Helper()
	models := llm.Catalog{}
	for _, name := range recorded.Providers(run) {
		switch {
		case len(m) > 0:
			models[name] = m[0]
		case name == "offline":
			models[name] = offline.Model{}
		}
	}
	again, err := recorded.Record(context.WithoutCancel(t.Context()), f, run, local.Options{Models: models})
	if err == nil {
		err = recorded.Replace(file, again)
	}
	if err != nil {
		t.Fatalf("record the run in %s anew: %v", file, says(err))
	}
	t.Logf("recorded %s anew", file)
}

// says is an error with what to do about it.
func says(err error) string {
	var e *pawl.Error
	if errors.As(err, &e) && e.Hint != "" {
		return fmt.Sprintf("%v; %s", err, e.Hint)
	}
	return err.Error()
}
