package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

func usage(ts *testscript.TestScript, neg bool, args []string, least int, text string) {
	if neg || len(args) < least {
		ts.Fatalf("usage: %s", text)
	}
}

func number(ts *testscript.TestScript, s string) int {
	n, err := strconv.Atoi(s)
	ts.Check(err)
	return n
}

// exits CODE program args...: the program ends with exactly that code. No ending
// of ours shows a stack.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "exits CODE program args...")
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if code != number(ts, args[0]) {
		ts.Fatalf("exit code is %d, wants %s", code, args[0])
	}
	if strings.Contains(ts.ReadFile("stderr"), "goroutine ") {
		ts.Fatalf("stderr shows a stack")
	}
}

// every MODEL [FLOW...]: every flow that the program lists runs with its own example to its
// end, and those that are named to where they wait for a person.
func cmdEvery(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "every MODEL [FLOW...]")
	ts.Check(ts.Exec("pawl", "flows", "--quiet"))
	flows := strings.Fields(ts.ReadFile("stdout"))
	if len(flows) == 0 {
		ts.Fatalf("there are no flows")
	}
	for _, flow := range flows {
		code := "0"
		if slices.Contains(args[1:], flow) {
			code = "3"
		}
		ts.Logf("%s with %s", flow, args[0])
		cmdExits(ts, false, []string{code, "pawl", "run", flow, "--example", "--model", args[0], "--no-input"})
		if code == "3" && !strings.Contains(ts.ReadFile("stderr"), " waits for a person: ") {
			ts.Fatalf("%s waits, and for no person", flow)
		}
	}
	for _, flow := range args[1:] {
		if !slices.Contains(flows, flow) {
			ts.Fatalf("there is no flow %s", flow)
		}
	}
}

// lastly PATTERN: the last line on stderr matches.
func cmdLastly(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "lastly PATTERN")
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("stderr")), "\n")
	last := lines[len(lines)-1]
	if !regexp.MustCompile(args[0]).MatchString(last) {
		ts.Fatalf("the last line on stderr is %q, wants a match of %q", last, args[0])
	}
}

// value FILE PATH PATTERN: the JSON in FILE has at PATH (steps.0.key; steps.len is
// how many) something whose text matches.
func cmdValue(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 3, "value FILE PATH PATTERN")
	text := ts.ReadFile(args[0])
	if args[0] == "stderr" { // only its last line is JSON
		lines := strings.Split(strings.TrimSpace(text), "\n")
		text = lines[len(lines)-1]
	}
	var v any
	ts.Check(json.Unmarshal([]byte(text), &v))
	got, err := lookUp(v, args[1])
	ts.Check(err)
	if !regexp.MustCompile(args[2]).MatchString(got) {
		ts.Fatalf("%s is %s, wants a match of %q", args[1], got, args[2])
	}
}

func lookUp(v any, path string) (string, error) {
	if path != "." {
		for name := range strings.SplitSeq(path, ".") {
			switch at := v.(type) {
			case map[string]any:
				next, ok := at[name]
				if !ok {
					return "", fmt.Errorf("%s: there is no %q", path, name)
				}
				v = next
			case []any:
				if name == "len" {
					v = len(at)
					continue
				}
				i, err := strconv.Atoi(name)
				if err != nil || i >= len(at) {
					return "", fmt.Errorf("%s: there is no element %q of %d", path, name, len(at))
				}
				v = at[i]
			default:
				return "", fmt.Errorf("%s: %q is beneath %T", path, name, v)
			}
		}
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

// assign NAME...: the lines of stdout, each in a variable.
func cmdAssign(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "assign NAME...")
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n")
	if len(lines) != len(args) {
		ts.Fatalf("stdout has %d lines, wants %d", len(lines), len(args))
	}
	for i, name := range args {
		ts.Setenv(name, lines[i])
	}
}

// gates FILE: in the run record in FILE every step is done, and every gate of
// every accepted attempt was passed; there is at least one.
func cmdGates(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "gates FILE")
	var rec pawl.RunRecord
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &rec))
	gates := 0
	for _, s := range rec.Steps {
		if s.Status != pawl.StepDone {
			ts.Fatalf("step %s is %s", s.Key, s.Status)
		}
		for _, at := range s.Attempts {
			for _, g := range at.Gates {
				gates++
				if at.Outcome == pawl.OutcomeAccepted && !g.OK {
					ts.Fatalf("step %s was accepted against gate %s: %s", s.Key, g.Name, g.Detail)
				}
			}
		}
	}
	if gates == 0 {
		ts.Fatalf("no gate was asked")
	}
}

// sqlite FILE STATEMENT: executes a statement on a database, which is made if need be.
func cmdSQLite(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "sqlite FILE STATEMENT")
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.Exec(args[1])
	ts.Check(errors.Join(err, db.Close()))
}

// child is the process that signal has signaled.
type child struct{ cmd *exec.Cmd }

// signal INT|TERM|HUP: sends it to the one command that was started in the background.
func cmdSignal(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "signal INT|TERM|HUP")
	sig, ok := signals[args[0]]
	cmds := ts.BackgroundCmds()
	if !ok || len(cmds) != 1 {
		ts.Fatalf("signal %s: %d commands in the background", args[0], len(cmds))
	}
	fixtureOf(ts).child.cmd = cmds[0]
	ts.Check(cmds[0].Process.Signal(sig))
}

var signals = map[string]os.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP}

// stands STATUS: waits until the newest run has that status.
func cmdStands(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "stands STATUS")
	await(ts, func(ctx context.Context, db *sqlite.DB) bool {
		rows, err := db.Runs(ctx, pawl.RunFilter{Limit: 1})
		ts.Check(err)
		return len(rows) == 1 && string(rows[0].Summary.Status) == args[0]
	})
}

// working: waits until a worker is there.
func cmdWorking(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, "working")
	await(ts, func(ctx context.Context, db *sqlite.DB) bool {
		offers, err := db.Offers(ctx)
		ts.Check(err)
		return len(offers) > 0
	})
}

// await waits until the store has come to be as is asked for.
func await(ts *testscript.TestScript, is func(context.Context, *sqlite.DB) bool) {
	ctx, cancel := context.WithTimeout(fixtureOf(ts).t.Context(), patience)
	defer cancel()
	db, err := sqlite.Open(ctx, ts.Getenv("PAWL_DATA"), nil)
	ts.Check(err)
	defer db.Close()
	var mark journal.Mark
	for {
		mark, err = db.Changes(ctx, mark)
		ts.Check(err)
		if is(ctx, db) {
			return
		}
	}
}

// ended CODE: the command that was signaled, and waited for, ended with that code.
func cmdEnded(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, "ended CODE")
	if got := fixtureOf(ts).child.cmd.ProcessState.ExitCode(); got != number(ts, args[0]) {
		ts.Fatalf("exit code is %d, wants %s", got, args[0])
	}
}
