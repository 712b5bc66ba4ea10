package main

import (
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pawlrun/pawl/cli"
	"github.com/pawlrun/pawl/flows"
	"github.com/pawlrun/pawl/internal/temporaltest"
)

func TestMain(m *testing.M) {
	testscript.Main(servers{m}, map[string]func(){
		"pawl-temporal": main,
		"pawl":          func() { cli.Main(flows.All()...) }, // runs go from one to the other
	})
}

// servers ends the servers that the tests shared.
type servers struct{ *testing.M }

func (s servers) Run() int { return temporaltest.Run(s.M) }

// TestScripts runs the command as people do, on real servers. Each script has a queue of its
// own, so that it sees its runs alone.
func TestScripts(t *testing.T) {
	temporaltest.Each(t, func(t *testing.T, s *temporaltest.Server) {
		scripts(t, "testdata/script", s.Address, s.Namespace)
	})
}

// TestUnreachable needs no server: there is none.
func TestUnreachable(t *testing.T) {
	scripts(t, "testdata/alone", "127.0.0.1:1", "default")
}

func scripts(t *testing.T, dir, address, namespace string) {
	testscript.Run(t, testscript.Params{
		Dir: dir, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			for name, value := range map[string]string{
				"PAWL_DATA": env.WorkDir + "/data", "USER": "tester", "PAGER": "cat", "HOME": env.WorkDir,
				"TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": namespace, "PAWL_TEMPORAL_QUEUE": strings.ReplaceAll(t.Name(), "/", "-") + strings.ReplaceAll(env.WorkDir, "/", "-"),
			} {
				env.Setenv(name, value)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"seen":       cmdSeen,
			"exits":      cmdExits,
			"eventually": cmdEventually,
		},
	})
}

// cmdSeen sets a variable to what the pattern's group has found in a file: seen NAME FILE PATTERN.
func cmdSeen(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: seen NAME FILE PATTERN")
	}
	found := regexp.MustCompile(args[2]).FindStringSubmatch(ts.ReadFile(args[1]))
	if len(found) != 2 {
		ts.Fatalf("%s has no %s:\n%s", args[1], args[2], ts.ReadFile(args[1]))
	}
	ts.Setenv(args[0], found[1])
}

// cmdExits runs a program that is to end with a code: exits CODE PROGRAM ARG...
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if end, ok := err.(*exec.ExitError); ok {
		code = end.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if args[0] != strconv.Itoa(code) {
		ts.Fatalf("%s ended with %d, want %s", strings.Join(args[1:], " "), code, args[0])
	}
}

// cmdEventually runs a command again until its output has a pattern: eventually PATTERN PROGRAM
// ARG... What lists show lags behind.
func cmdEventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually PATTERN PROGRAM ARG...")
	}
	want := regexp.MustCompile(args[0])
	for range 200 {
		if err := ts.Exec(args[1], args[2:]...); err == nil && want.MatchString(ts.ReadFile("stdout")) {
			return
		}
	}
	ts.Fatalf("%s never said %s", strings.Join(args[1:], " "), args[0])
}
