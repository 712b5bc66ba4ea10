package cli

import (
	"context"
	"io"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/llm"
	llmbatch "github.com/pawlrun/pawl/llm/batch"
)

// world is everything outside that a command touches.
type world struct {
	program     string   // what to call ourselves in commands that we print
	args        []string // without the program's name
	stdin       io.Reader
	interactive bool   // stdin is a terminal
	dropTyped   func() // has it forget what was typed that nobody has read; nil: it is none
	stdout      term.Stream
	stderr      term.Stream
	getenv      func(string) string
	isSet       func(string) bool // whether a variable is there, be it empty; nil: not known
	now         func() time.Time
	zone        *time.Location // of the times that people see

	// catchSignals begins to deliver the signals that ask for an end; stop ends that.
	catchSignals func() (signals <-chan os.Signal, stop func())

	// patience is how long a server is waited for that need not be there; 0: a moment.
	patience time.Duration

	// batches is how vendors' batches are gathered and asked for; zero: as llmbatch.Options says.
	batches llmbatch.Options

	// relays says that other processes may hear answers while they arrive: over a socket
	// in the data directory.
	relays bool
}

// run is Main without its process: it returns the exit code.
func run(w world, p Program) int {
	a := newApp(w, p)
	root := a.root()
	root.SetArgs(append([]string{}, w.args...))
	code := a.finish(root.Execute())
	a.err.Turn(io.Discard) // what a second signal left behind has no say after the end
	return code
}

// app is one command line being run.
type app struct {
	world
	named     string // the program, if it says so itself
	flows     []pawl.Flow
	demos     []Demo
	openStore func(context.Context, Settings) (*Store, error) // nil: openSQLite
	providers []llm.Provider
	out       *term.Sink // stdout
	err       *term.Sink // stderr

	// global flags
	data    string
	json    bool
	quiet   bool
	noInput bool

	strict    bool           // of resume and worker
	onChange  local.OnChange // of resume and worker
	later     *asksLater     // with batch --wait
	place     string         // where the open store has its runs, see Store.Place
	calls     callLimits     // of run, batch, resume and worker
	operating operating      // of worker
	notifying notifying      // of worker and serve
	tokens    bool           // of run, resume and watch
	stateDir  string         // --save-state; empty: no
	found     string         // the model that a server has, see needModel; empty: none was asked
	color     term.When

	under    *cobra.Command    // the command that is being executed; nil: none yet
	printing sync.Mutex        // held while a command is made: looking one up in the tree writes to it
	unmade   map[string]func() // what makes the commands beneath those of a name, with printing held
	made     []string          // command lines that were made last, with printing held
	typed    *typedLines       // stdin, once it was asked for a line
}

func newApp(w world, p Program) *app {
	p.check()
	if p.Name != "" {
		w.program = p.Name
	}
	if p.Providers == nil {
		p.Providers = Providers()
	}
	return &app{world: w, named: p.Name, flows: p.Flows, providers: p.Providers, demos: p.Demos, openStore: p.Open, unmade: map[string]func(){}, out: term.NewSink(w.stdout), err: term.NewSink(w.stderr)}
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
