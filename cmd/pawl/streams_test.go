package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/rogpeppe/go-internal/testscript"
)

// command is a program in the script's directory and environment, for commands
// that give it streams of their own. It needs env, which all but Windows have.
func command(ts *testscript.TestScript, words []string) *exec.Cmd {
	ts.Check(ts.Exec("env"))
	cmd := exec.Command("env", words...) // it finds the program in the script's PATH
	cmd.Env, cmd.Dir = strings.Split(ts.ReadFile("stdout"), "\n"), ts.MkAbs(".")
	return cmd
}

// unread CODE program args...: runs a program whose stdout is a pipe that nobody
// reads any more. It must end with CODE.
func cmdUnread(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "unread CODE program args...")
	cmd := command(ts, args[1:])
	r, w, err := os.Pipe()
	ts.Check(errors.Join(err, r.Close()))
	var stderr strings.Builder
	cmd.Stdout, cmd.Stderr = w, &stderr
	err = cmd.Run()
	w.Close()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	io.WriteString(ts.Stderr(), stderr.String())
	io.WriteString(ts.Stdout(), "")
	if code := cmd.ProcessState.ExitCode(); code != number(ts, args[0]) {
		ts.Fatalf("exit code is %d, wants %s\n%s", code, args[0], &stderr)
	}
}

// widest N FILE: no line of a file takes more than N columns of a terminal. What is
// to be copied is let pass: a line of one word, or a command of ours.
func cmdWidest(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "widest N FILE")
	text := strings.TrimSpace(ts.ReadFile(args[1]))
	if !strings.Contains(text, "\n") {
		ts.Fatalf("%q has no lines", text)
	}
	for line := range strings.SplitSeq(text, "\n") {
		words := strings.Fields(line)
		if n := ansi.StringWidth(line); n > number(ts, args[0]) && len(words) > 1 && words[0] != "pawl" {
			ts.Fatalf("this line takes %d columns:\n%s", n, line)
		}
	}
}
