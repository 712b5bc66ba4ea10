package crashtest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
)

// home is a data directory and the provider of the commands that work on it.
type home struct {
	t        *testing.T
	dir      string
	provider *provider
}

func newHome(t *testing.T, s scene) *home {
	return &home{t: t, dir: t.TempDir(), provider: newProvider(t, s.answer)}
}

// process is a child.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout bytes.Buffer // to be read when it has ended
	stderr *transcript
	ended  chan struct{}
}

// start starts the command. With input it reads that.
func (h *home) start(input string, args ...string) *process {
	cmd := h.command(args...)
	cmd.Stdin = strings.NewReader(input)
	return spawn(h.t, cmd)
}

// command is a command that works on the home.
func (h *home) command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Getenv(binaryEnv), args...)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, "USER=tester", "PAWL_DATA=" + h.dir,
		"OPENAI_BASE_URL=" + h.provider.URL(), "OPENAI_API_KEY=sk-test-1234567890abcdef",
	}
	return cmd
}

func (h *home) run(s scene) *process { return h.start(s.input, s.args()...) }

func (h *home) resume(args ...string) *process {
	return h.start("", append([]string{"resume", "last", "--json"}, args...)...)
}

func spawn(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, stderr: &transcript{changed: make(chan struct{})}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.stdout, p.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait() // its state tells
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-p.ended
	})
	return p
}

// kill ends a living child with SIGKILL.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatalf("kill: %v; its stderr:\n%s", err, p.stderr)
	}
	if !p.killed() {
		p.t.Fatalf("the child ended before it was killed: %v; its stderr:\n%s", p.cmd.ProcessState, p.stderr)
	}
}

// killed waits for the child's end and reports whether a signal made it.
func (p *process) killed() bool {
	<-p.ended
	return !p.cmd.ProcessState.Exited()
}

// exits waits for the child's end, which is to have that code.
func (p *process) exits(code int) {
	p.t.Helper()
	<-p.ended
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Fatalf("%q: exit code %d, wants %d; its stderr:\n%s", p.cmd.Args[1:], got, code, p.stderr)
	}
}

// record waits for the child to exit with that code and returns the run that it
// printed.
func (p *process) record(code int) pawl.RunRecord {
	p.t.Helper()
	p.exits(code)
	var rec pawl.RunRecord
	if err := json.Unmarshal(p.stdout.Bytes(), &rec); err != nil {
		p.t.Fatalf("stdout of %q: %v\n%s", p.cmd.Args[1:], err, p.stdout.Bytes())
	}
	return rec
}

// failure returns the error that is the last line on stderr.
func (p *process) failure() (e pawl.ErrorRecord) {
	p.t.Helper()
	lines := strings.Split(strings.TrimSpace(p.stderr.String()), "\n")
	var doc struct {
		Error *pawl.ErrorRecord `json:"error"`
	}
	doc.Error = &e
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &doc); err != nil {
		p.t.Fatalf("last line on stderr: %v:\n%s", err, p.stderr)
	}
	return e
}

// says waits until the child's stderr has the text.
func (p *process) says(text string) {
	p.t.Helper()
	for {
		said, changed := p.stderr.has(text)
		if said {
			return
		}
		select {
		case <-changed:
		case <-p.ended:
			if said, _ := p.stderr.has(text); !said {
				p.t.Fatalf("the child ended without %q on stderr:\n%s", text, p.stderr)
			}
			return
		}
	}
}

// holds waits until n more calls are held.
func (p *process) holds(from *provider, n int) {
	p.t.Helper()
	for i := range n {
		select {
		case <-from.came:
		case <-p.ended:
			p.t.Fatalf("the child ended (%v) with %d of %d calls in flight; its stderr:\n%s", p.cmd.ProcessState, i, n, p.stderr)
		}
	}
}

// transcript is what a child writes, to be waited for.
type transcript struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{} // closed and replaced at every write
}

func (s *transcript) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return s.text.Write(b)
}

func (s *transcript) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func (s *transcript) has(text string) (bool, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Contains(s.text.Bytes(), []byte(text)), s.changed
}
