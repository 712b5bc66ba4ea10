package cli

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// Main runs the command that os.Args say, over these flows, and exits with its
// code. It does not return. The names of the flows must differ: two of the same
// name are a programmer's mistake, and a panic.
func Main(flows ...pawl.Flow) {
	// Without this a closed pipe would end the process in the middle of a run.
	signal.Ignore(syscall.SIGPIPE)
	if os.Getenv("GOGC") == "" {
		collectLater()
	}
	os.Exit(run(world{
		program:     strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"),
		args:        os.Args[1:],
		stdin:       os.Stdin,
		interactive: term.IsTerminal(os.Stdin),
		stdout:      term.StreamOf(os.Stdout),
		stderr:      term.StreamOf(os.Stderr),
		getenv:      os.Getenv,
		now:         time.Now,
		zone:        time.Local,
		notify:      term.Notify,
		servers:     localServers(),
	}, flows))
}

// world is everything outside that a command touches.
type world struct {
	program     string   // what to call ourselves in commands that we print
	args        []string // without the program's name
	stdin       io.Reader
	interactive bool // stdin is a terminal
	stdout      term.Stream
	stderr      term.Stream
	getenv      func(string) string
	now         func() time.Time
	zone        *time.Location // of the times that people see

	// notify begins to deliver the signals that ask for an end; stop ends that.
	notify func() (signals <-chan os.Signal, stop func())

	servers []localServer // where doctor looks for models
}

// run is Main without its process: it returns the exit code.
func run(w world, flows []pawl.Flow) int {
	a := newApp(w, flows)
	root := a.root()
	root.SetArgs(append([]string{}, w.args...))
	code := a.finish(root.Execute())
	a.err.Turn(io.Discard) // what a second signal left behind has no say after the end
	return code
}

// app is one command line being run.
type app struct {
	world
	flows     []pawl.Flow
	openStore func(context.Context, Settings) (*Store, error) // nil: openSQLite
	out       *term.Sink                                      // stdout
	err       *term.Sink                                      // stderr

	// global flags
	data    string
	json    bool
	quiet   bool
	noInput bool

	strict bool // of resume and worker
	color  term.When

	typed *bufio.Reader // stdin, once it was asked for a line
}

func newApp(w world, flows []pawl.Flow) *app {
	seen := map[string]bool{}
	for _, f := range flows {
		if seen[f.Name()] {
			panic("cli: two flows named " + f.Name())
		}
		seen[f.Name()] = true
	}
	return &app{world: w, flows: flows, out: term.NewSink(w.stdout), err: term.NewSink(w.stderr)}
}

// flow returns the flow of that name, or nil.
func (a *app) flow(name string) pawl.Flow {
	for _, f := range a.flows {
		if f.Name() == name {
			return f
		}
	}
	return nil
}
