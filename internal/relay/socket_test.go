//go:build !windows

package relay

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
)

// dataDir is a directory whose sockets have short addresses.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "relay")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// only returns the one socket that is there.
func only(t *testing.T, dir string) string {
	t.Helper()
	all := sockets(filepath.Join(dir, folder))
	if len(all) != 1 {
		t.Fatalf("sockets %q, wants one", all)
	}
	return all[0]
}

// hears waits until the texts of a step that a listener takes are this, or end with it.
func hears(t *testing.T, l *Listener, want string) {
	t.Helper()
	heard := ""
	for heard != want {
		select {
		case <-l.Ready():
		case <-t.Context().Done():
			t.Fatalf("heard %q, wants %q", heard, want)
		}
		for _, p := range l.Take() {
			if heard += p.Text; p.End {
				heard += "(end)"
			}
		}
	}
}

// The socket is the user's alone, is there from the first piece on, and goes with its
// process.
func TestSocketMode(t *testing.T) {
	dir := dataDir(t)
	r := New(dir, nil)
	if all, _ := os.ReadDir(dir); len(all) > 0 {
		t.Errorf("%v is there before there is anything to hear", all)
	}
	tell(r, "a", "one")
	path := only(t, dir)
	for at, want := range map[string]fs.FileMode{path: fs.ModeSocket | 0o600, filepath.Dir(path): fs.ModeDir | 0o700} {
		info, err := os.Lstat(at)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v, wants %v", at, info.Mode(), err, want)
		}
	}
	r.Close()
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
		t.Errorf("left is %v", left)
	}
}

// Where the address is too long, the socket lies elsewhere.
func TestLongAddress(t *testing.T) {
	t.Setenv("TMPDIR", dataDir(t))
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 50))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	r := New(dir, nil)
	defer r.Close()
	tell(r, "a", "one")
	target, err := os.Readlink(only(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]fs.FileMode{target: fs.ModeSocket | 0o600, filepath.Dir(target): fs.ModeDir | 0o700} {
		if info, err := os.Stat(at); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, wants %v", at, err, want)
		}
	}
	l := Connect(t.Context(), dir, "r")
	hears(t, l, "one")
	l.Close()
	r.Close()
	if _, err := os.Stat(filepath.Dir(target)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left is %s: %v", filepath.Dir(target), err)
	}
	if left := sockets(filepath.Join(dir, folder)); len(left) > 0 {
		t.Errorf("left is %v", left)
	}
}

// A directory that is not there is not made, and runs do not mind.
func TestNoSocket(t *testing.T) {
	dir := filepath.Join(dataDir(t), "not there")
	r := New(dir, nil)
	l := r.Listen("r")
	tell(r, "a", "one")
	wantSaid(t, l.Take(), "a1:one")
	r.Close()
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: %v", dir, err)
	}
}

// process is a child that tells what is written to it.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	in   io.WriteCloser
	said *bufio.Scanner
}

func startProcess(t *testing.T, dir string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), childEnv+"="+dir)
	p.cmd.Stderr = os.Stderr
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.said = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
	return p
}

// tell has the process tell lines, and waits until it has.
func (p *process) tell(lines ...string) {
	p.t.Helper()
	for _, line := range lines {
		if _, err := io.WriteString(p.in, line+"\n"); err != nil || !p.said.Scan() {
			p.t.Fatalf("the process is gone: %v", err)
		}
	}
}

func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = p.cmd.Wait()
}

// Others hear a process: who was there before, and who joins late. When it dies its
// answers end, and the next process removes its socket and is heard in its place.
func TestTwoProcesses(t *testing.T) {
	dir := dataDir(t)
	early := Connect(t.Context(), dir, "r")
	defer early.Close()
	first := startProcess(t, dir)
	first.tell("one ", "two ")
	hears(t, early, "one two ")
	late := Connect(t.Context(), dir, "r")
	defer late.Close()
	hears(t, late, "one two ")
	first.tell("three", ".", "four")
	hears(t, late, "three(end)four")
	hears(t, early, "three(end)four")

	first.kill()
	hears(t, late, "(end)")
	dead := only(t, dir)
	second := startProcess(t, dir)
	second.tell("five")
	if alive := only(t, dir); alive == dead {
		t.Errorf("%s is still there", dead)
	}
	hears(t, late, "five")
	hears(t, early, "(end)five")
	second.in.Close()
	hears(t, late, "(end)")
	_ = second.cmd.Wait()
	if left := sockets(filepath.Join(dir, folder)); len(left) > 0 {
		t.Errorf("left is %q", left)
	}
}

// Of a killed process nothing is left elsewhere either.
func TestDeadElsewhere(t *testing.T) {
	tmp, dir := dataDir(t), filepath.Join(t.TempDir(), strings.Repeat("long", 50))
	t.Setenv("TMPDIR", tmp)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	p := startProcess(t, dir)
	p.tell("one")
	p.kill()
	r := New(dir, nil)
	tell(r, "a", "two")
	only(t, dir)
	r.Close()
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left is %v, %v", left, err)
	}
}

// One who asks and never reads holds nobody up, and what waits for it has a bound.
func TestNeverReads(t *testing.T) {
	dir := dataDir(t)
	r := New(dir, nil)
	defer r.Close()
	tell(r, "a", "begins ")
	deaf := connectTo(t, only(t, dir), `{"run":"r"}`+"\n")
	if line, err := bufio.NewReaderSize(deaf, 64).ReadString('\n'); err != nil || !strings.Contains(line, "begins") {
		t.Fatalf("heard %q: %v", line, err)
	}
	l := Connect(t.Context(), dir, "r")
	defer l.Close()
	hears(t, l, "begins ")
	piece, total := strings.Repeat("x", 10_000), 0
	for range 1000 {
		tell(r, "a", piece)
		for _, p := range l.Take() { // it may be told anew
			if total += len(p.Text); p.End {
				total = 0
			}
		}
	}
	end(r, "a")
	for ended := false; !ended; {
		<-l.Ready()
		for _, p := range l.Take() {
			ended = ended || p.End && total > 0
			total += len(p.Text)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for l := range r.listeners["r"] {
		if l.behind > maxBehind {
			t.Errorf("%d bytes wait", l.behind)
		}
	}
}

// connectTo sends something to a socket.
func connectTo(t *testing.T, path, send string) net.Conn {
	t.Helper()
	conn, err := dial(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, send); err != nil {
		t.Fatal(err)
	}
	return conn
}

// What is no question ends its connection, and nothing else.
func TestGarbageAsked(t *testing.T) {
	dir := dataDir(t)
	r := New(dir, nil)
	defer r.Close()
	tell(r, "a", "one")
	for _, send := range []string{"\n", "GET / HTTP/1.1\r\n\r\n", `{"run":""}` + "\n", `{"run":7}` + "\n", "[]\n", "null\n", "\x00\xff\n",
		strings.Repeat("x", maxRequest), `{"run":"r"}` + "\n" + `{"run":"r"}` + "\n", strings.Repeat("[", maxRequest-1) + "\n"} {
		conn := connectTo(t, only(t, dir), send)
		if got, _ := io.ReadAll(conn); len(got) > 0 { // a reset is an end, too
			t.Errorf("%.20q gets %q", send, got)
		}
	}
	l := Connect(t.Context(), dir, "r")
	defer l.Close()
	hears(t, l, "one")
}

// One who says more than its question is let go.
func TestAskedAgain(t *testing.T) {
	dir := dataDir(t)
	r := New(dir, nil)
	defer r.Close()
	tell(r, "a", "one")
	conn := connectTo(t, only(t, dir), `{"run":"r"}`+"\n")
	in := bufio.NewReader(conn)
	if line, err := in.ReadBytes('\n'); err != nil || !json.Valid(line) {
		t.Fatalf("heard %q: %v", line, err)
	}
	if _, err := io.WriteString(conn, "more"); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(in); len(rest) > 0 {
		t.Errorf("gets %q", rest)
	}
}

// No more than so many are heard at once; the others may come again.
func TestManyConnections(t *testing.T) {
	dir := dataDir(t)
	r := New(dir, nil)
	defer r.Close()
	tell(r, "a", "one")
	path := only(t, dir)
	var kept []net.Conn
	for range maxConnections {
		conn := connectTo(t, path, `{"run":"r"}`+"\n")
		if _, err := bufio.NewReader(conn).ReadBytes('\n'); err != nil {
			t.Fatal(err)
		}
		kept = append(kept, conn)
	}
	conn, err := dial(path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got, err := io.ReadAll(conn); len(got) > 0 || err != nil {
		t.Errorf("one too many gets %q, %v", got, err)
	}
	kept[0].Close()
	l := Connect(t.Context(), dir, "r")
	defer l.Close()
	hears(t, l, "one")
}

// A process that tells what is no piece of the run is heard no more, and what it told
// has ended.
func TestGarbageTold(t *testing.T) {
	for _, garbage := range []string{"\n", "nonsense\n", `{"run":"other","key":"a","attempt":1,"text":"x"}` + "\n", strings.Repeat("x", maxLine+1), `{"run":7}` + "\n"} {
		dir := dataDir(t)
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
		at, err := net.Listen("unix", filepath.Join(dir, folder, "x"+extension))
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			defer at.Close()
			conn, err := at.Accept()
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, `{"run":"r","key":"a","attempt":1,"text":"one"}`+"\n"+garbage) // it leaves in the middle of the last one
			_, _ = io.Copy(io.Discard, conn)
		}()
		l := Connect(t.Context(), dir, "r")
		hears(t, l, "one(end)")
		l.Close()
	}
}

// A listener ends with its context.
func TestConnectEnds(t *testing.T) {
	dir := dataDir(t)
	r := New(dir, nil)
	defer r.Close()
	tell(r, "a", "one")
	ctx, cancel := context.WithCancel(t.Context())
	l := Connect(ctx, dir, "r")
	hears(t, l, "one")
	cancel()
	hears(t, l, "(end)")
	l.Close()
}

// Long texts are told in lines of a bounded length, and arrive as they are.
func TestLongText(t *testing.T) {
	dir := dataDir(t)
	r := New(dir, nil)
	defer r.Close()
	text := strings.Repeat("größe\x00\n", 20_000)
	tell(r, "a", text)
	conn := connectTo(t, only(t, dir), `{"run":"r"}`+"\n")
	lines, got := bufio.NewScanner(conn), ""
	lines.Buffer(nil, maxLine)
	for len(got) < len(text) && lines.Scan() {
		var p pawl.Piece
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil || len(p.Text) > maxText {
			t.Fatalf("%d bytes: %v", len(p.Text), err)
		}
		got += p.Text
	}
	if got != text {
		t.Errorf("%d bytes arrived of %d", len(got), len(text))
	}
}

// A text that is no UTF-8 has no place between characters to be cut at, and is cut all the
// same.
func TestLongTextThatIsNoUTF8(t *testing.T) {
	few := &lineCounter{most: 3}
	if err := writePiece(json.NewEncoder(few), pawl.Piece{Run: "r", Key: "a", Text: strings.Repeat("\x80", 2*maxText)}); err != nil {
		t.Error(err)
	}
	if few.lines != 3 {
		t.Errorf("%d lines", few.lines)
	}
}

// lineCounter fails behind the most lines.
type lineCounter struct{ lines, most int }

func (c *lineCounter) Write(p []byte) (int, error) {
	if c.lines++; c.lines > c.most {
		return 0, errors.New("too many lines")
	}
	return len(p), nil
}
