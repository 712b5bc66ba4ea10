package cli

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
)

// Program is what a command line is made of. Fields that are not set have what pawl
// itself has; see [Main] for a program that brings flows alone.
type Program struct {
	// Name is what the program is called in the commands that it prints; empty:
	// the name of the file that was started. Its runs are recorded as those of this
	// name (empty: of its main module): a worker leaves those of other programs alone.
	// The data directory is called so, too, where none is given.
	Name string

	// Flows are what it runs. Their names must differ.
	Flows []pawl.Flow

	// Providers answer for models, each by its name. The first that has all its
	// settings answers for runs that name no model. Their names must differ. Nil:
	// [Providers].
	Providers []llm.Provider

	// Demos are runs that show what it does, for whoever has none yet: the command serve
	// makes them on the first start in an empty data directory, if no language model is set
	// up, and the page offers them. Nil: there are none.
	Demos []Demo

	// Open opens the place where runs are kept, with an engine on it. Nil: one
	// SQLite file in the data directory, and runs that this process executes.
	Open func(ctx context.Context, s Settings) (*Store, error)
}

// Main runs the command that os.Args say, over these flows, and exits with its
// code. It does not return.
func Main(flows ...pawl.Flow) { Program{Flows: flows}.Main() }

// Main runs the command that os.Args say and exits with its code. It does not
// return. Two flows or two providers of one name are a programmer's mistake, and a
// panic.
func (p Program) Main() {
	// Without this a closed pipe would end the process in the middle of a run.
	signal.Ignore(syscall.SIGPIPE)
	if os.Getenv("GOGC") == "" {
		collectLater()
	}
	dropTyped := term.TypedAt(os.Stdin)
	os.Exit(run(world{
		program:      strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"),
		args:         os.Args[1:],
		stdin:        os.Stdin,
		interactive:  dropTyped != nil,
		dropTyped:    dropTyped,
		stdout:       term.StreamOf(os.Stdout),
		stderr:       term.StreamOf(os.Stderr),
		getenv:       os.Getenv,
		isSet:        func(name string) bool { _, is := os.LookupEnv(name); return is },
		now:          time.Now,
		zone:         time.Local,
		catchSignals: term.Notify,
		relays:       true,
	}, p))
}

// check panics if two of a kind have one name.
func (p Program) check() {
	seen := map[string]bool{}
	for _, f := range p.Flows {
		if seen[f.Name()] {
			panic("cli: two flows named " + f.Name())
		}
		seen[f.Name()] = true
	}
	clear(seen)
	for _, provider := range p.Providers {
		if seen[provider.Name] {
			panic("cli: two providers named " + provider.Name)
		}
		seen[provider.Name] = true
	}
}
