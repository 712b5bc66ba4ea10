package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

const ttyUsage = "tty [-cols N] [-rows N] [-piped stdout|stderr] [-raw] [-at PATTERN | -send KEYS | -hammer KEYS | -signal TERM|HUP | -arrived N | -stands STATUS | -run COMMAND | -close | -release]... CODE program args..."

// patience is how long a script waits for something before it is given up as a hang, and
// says what was seen. No machine is so busy that something which works takes this long.
const patience = 5 * time.Minute

// tty runs a program on a terminal of its own, which is its controlling one: keys
// such as ^C reach it as from a person. Meanwhile the steps are done in turn:
//
//	-at PATTERN     wait until the terminal has shown that since the last match
//	-send KEYS      type them; ^C is Ctrl-C
//	-hammer KEYS    type them again and again until the program has ended
//	-signal NAME    send the program TERM or HUP
//	-run COMMAND    run another command to its end, which must be a good one
//	-close          close the terminal, as its window would
//	-arrived N, -stands STATUS, -release
//	                as the commands of those names
//
// All three streams are the terminal, and what it got is the script's stdout and
// its stderr. With -piped that stream is a pipe, and each is what it got. Escape
// sequences are taken out unless -raw is given. The program must end with CODE,
// or with one of several, as in 129|143.
func cmdTTY(ts *testscript.TestScript, neg bool, args []string) {
	o, words := ttyArgs(ts, args)
	usage(ts, neg, words, 2, ttyUsage)
	// Without noflsh the terminal throws away on ^C what is being written just then.
	cmd := command(ts, append([]string{"sh", "-c", `stty noflsh && exec "$0" "$@"`}, words[1:]...))
	if ts.Getenv("TERM") == "" {
		cmd.Env = append(cmd.Env, "TERM=xterm-256color")
	}
	var piped bytes.Buffer
	switch o.piped {
	case "stdout":
		cmd.Stdout = &piped
	case "stderr":
		cmd.Stderr = &piped
	}
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: o.rows, Cols: o.cols})
	ts.Check(err)
	t := &terminal{f: f, program: cmd.Process, raw: o.raw, changed: make(chan struct{}, 1), ended: make(chan struct{})}
	late := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	go t.read()
	defer func() { // also when a step has failed
		late.Stop()
		cmd.Process.Kill()
		f.Close()
		<-t.ended
	}()
	for _, s := range o.steps {
		if err := s.do(ts, t); err != nil {
			cmd.Process.Kill()
			cmd.Wait()
			ts.Fatalf("%s %s: %v; the terminal got:\n%s", s.name, s.arg, err, t.text())
		}
	}
	err = cmd.Wait()
	<-t.ended
	if !late.Stop() {
		ts.Fatalf("%v did not end within %s; the terminal got:\n%s", words[1:], patience, t.text())
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	out, errs := t.text(), t.text()
	switch o.piped {
	case "stdout":
		out = piped.String()
	case "stderr":
		errs = piped.String()
	}
	io.WriteString(ts.Stdout(), out)
	io.WriteString(ts.Stderr(), errs)
	if code := cmd.ProcessState.ExitCode(); !slices.Contains(strings.Split(words[0], "|"), strconv.Itoa(code)) {
		ts.Fatalf("exit code is %d, wants %s; the terminal got:\n%s", code, words[0], t.text())
	}
	if strings.Contains(out+errs, "goroutine ") {
		ts.Fatalf("a stack is shown:\n%s%s", out, errs)
	}
}

type ttyOptions struct {
	cols, rows uint16
	piped      string
	raw        bool
	steps      []ttyStep
}

func ttyArgs(ts *testscript.TestScript, args []string) (o ttyOptions, rest []string) {
	o = ttyOptions{cols: 80, rows: 24}
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-1" { // -1: a signal ended it
		name := args[0]
		args = args[1:]
		switch name {
		case "-raw":
			o.raw = true
			continue
		case "-release", "-close":
			o.steps = append(o.steps, ttyStep{name: name})
			continue
		}
		usage(ts, false, args, 1, ttyUsage)
		switch arg := args[0]; name {
		case "-cols":
			o.cols = uint16(number(ts, arg))
		case "-rows":
			o.rows = uint16(number(ts, arg))
		case "-piped":
			if arg != "stdout" && arg != "stderr" {
				ts.Fatalf("usage: %s", ttyUsage)
			}
			o.piped = arg
		case "-at", "-send", "-hammer", "-signal", "-arrived", "-stands", "-run":
			o.steps = append(o.steps, ttyStep{name, arg})
		default:
			ts.Fatalf("usage: %s", ttyUsage)
		}
		args = args[1:]
	}
	return o, args
}

// ttyStep is something done while the program runs.
type ttyStep struct{ name, arg string }

func (s ttyStep) do(ts *testscript.TestScript, t *terminal) error {
	switch s.name {
	case "-at":
		return t.wait(s.arg)
	case "-send":
		_, err := io.WriteString(t.f, keys(s.arg))
		return err
	case "-signal":
		return t.program.Signal(signals[s.arg])
	case "-close":
		t.close()
	case "-hammer":
		t.hammer(keys(s.arg))
	case "-arrived":
		cmdArrived(ts, false, []string{s.arg})
	case "-stands":
		cmdStands(ts, false, []string{s.arg})
	case "-run":
		words := strings.Fields(s.arg)
		return ts.Exec(words[0], words[1:]...)
	case "-release":
		cmdRelease(ts, false, nil)
	}
	return nil
}

// keys turns ^C into what a keyboard sends for Ctrl-C.
func keys(s string) string {
	return regexp.MustCompile(`\^[@-_]`).ReplaceAllStringFunc(s, func(k string) string { return string(k[1] - '@') })
}

// hammer types keys until nobody has the terminal open any more.
func (t *terminal) hammer(keys string) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		io.WriteString(t.f, keys) // it may just have ended
		select {
		case <-tick.C:
		case <-t.ended:
			return
		}
	}
}

// terminal is what a program's terminal has got.
type terminal struct {
	f       *os.File
	program *os.Process
	raw     bool

	mu      sync.Mutex // guards got and closing
	got     []byte
	closing bool          // the reader is to close f
	seen    int           // how much of text the last match has used up
	changed chan struct{} // got has grown
	ended   chan struct{} // closed when no more comes
}

// read collects what comes until the program's end is closed.
func (t *terminal) read() {
	defer close(t.ended)
	b := make([]byte, 4096)
	for {
		n, err := t.f.Read(b)
		t.mu.Lock()
		t.got = append(t.got, b[:n]...)
		closing := t.closing
		t.mu.Unlock()
		select {
		case t.changed <- struct{}{}:
		default:
		}
		if err != nil { // EIO: nobody has the terminal open any more
			return
		}
		if closing {
			t.f.Close()
			return
		}
	}
}

// close closes the terminal. The reader does that: a file is only closed when
// nobody reads from it, so a key is typed whose echo wakes the reader.
func (t *terminal) close() {
	t.mu.Lock()
	t.closing = true
	t.mu.Unlock()
	io.WriteString(t.f, " ")
	<-t.ended
}

// text is what has come, with the line ends that the program wrote.
func (t *terminal) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := strings.ReplaceAll(string(t.got), "\r\n", "\n")
	if !t.raw {
		s = ansi.Strip(s)
	}
	return s
}

// wait returns when what came since the last match has one of the pattern.
func (t *terminal) wait(pattern string) error {
	re, err := regexp.Compile("(?m)" + pattern)
	if err != nil {
		return err
	}
	for ended := false; ; {
		text := t.text()
		if at := re.FindStringIndex(text[min(t.seen, len(text)):]); at != nil {
			t.seen += at[1]
			return nil
		}
		if ended {
			return fmt.Errorf("the program ended without %s", strconv.Quote(pattern))
		}
		select {
		case <-t.changed:
		case <-t.ended:
			ended = true
		}
	}
}
