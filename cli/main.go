package cli

import (
	"bufio"
	"cmp"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
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
		interactive: isTerminal(os.Stdin),
		stdout:      streamOf(os.Stdout),
		stderr:      streamOf(os.Stderr),
		getenv:      os.Getenv,
		now:         time.Now,
		zone:        time.Local,
		notify:      notify,
	}, flows, defaultProviders()))
}

// world is everything outside that a command touches.
type world struct {
	program     string   // what to call ourselves in commands that we print
	args        []string // without the program's name
	stdin       io.Reader
	interactive bool // stdin is a terminal
	stdout      stream
	stderr      stream
	getenv      func(string) string
	now         func() time.Time
	zone        *time.Location // of the times that people see

	// notify begins to deliver the signals that ask for an end; stop ends that.
	notify func() (signals <-chan os.Signal, stop func())
}

// stream is where a command writes to.
type stream struct {
	io.Writer
	terminal bool
	width    int  // of the terminal in columns; 0: unknown
	dumb     bool // a terminal that knows no escape sequences

	// size asks the terminal for its columns and rows; nil or zeros: unknown.
	size func() (columns, rows int)
}

// columns is how wide a terminal is now; 0: unknown, or it is none.
func (s stream) columns() int {
	if !s.terminal {
		return 0
	}
	if s.size != nil {
		if n, _ := s.size(); n > 0 {
			return n
		}
	}
	return s.width
}

func isTerminal(f *os.File) bool { return isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()) }

func streamOf(f *os.File) stream {
	s := stream{Writer: f, terminal: isTerminal(f)}
	if s.terminal {
		s.dumb = !knowsEscapes(f)
		s.size = func() (columns, rows int) { return terminalSize(f) }
		s.width, _ = s.size()
	}
	return s
}

// run is Main without its process: it returns the exit code.
func run(w world, flows []pawl.Flow, providers []llm.Provider) int {
	a := newApp(w, flows, providers...)
	root := a.root()
	root.SetArgs(append([]string{}, w.args...))
	code := a.finish(root.Execute())
	a.err.turn(io.Discard) // what a second signal left behind has no say after the end
	return code
}

// app is one command line being run.
type app struct {
	world
	flows     []pawl.Flow
	providers []llm.Provider
	out       *sink // stdout
	err       *sink // stderr

	// global flags
	data    string
	json    bool
	quiet   bool
	noInput bool

	strict bool // of resume and worker
	color  when

	typed *bufio.Reader // stdin, once it was asked for a line
}

func newApp(w world, flows []pawl.Flow, providers ...llm.Provider) *app {
	seen := map[string]bool{}
	for _, f := range flows {
		if seen[f.Name()] {
			panic("cli: two flows named " + f.Name())
		}
		seen[f.Name()] = true
	}
	return &app{world: w, flows: flows, providers: providers, out: &sink{w: w.stdout}, err: &sink{w: w.stderr}}
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

// sink writes until that fails, and then swallows what comes: a reader that has
// gone away must not stop a run. err is why. Writes may come from any goroutine.
type sink struct {
	w   io.Writer
	mu  sync.Mutex
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		_, s.err = s.w.Write(p)
	}
	return len(p), nil
}

// fail notes that what was written around the sink did not arrive.
func (s *sink) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = cmp.Or(s.err, err)
}

// turn makes the sink write to another writer.
func (s *sink) turn(w io.Writer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.w = w
}

// failed reports whether nothing arrives any more.
func (s *sink) failed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err != nil
}
