//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/creack/pty"

	"github.com/pawlrun/pawl/internal/terminaltest"
)

// TestTree runs the command on a terminal: the tree is drawn in place, with
// nothing that the terminal would keep, and what stays at the end is whole.
func TestTree(t *testing.T) {
	for _, size := range []pty.Winsize{{Cols: 80, Rows: 24}, {Cols: 40, Rows: 12}, {Cols: 20, Rows: 5}} {
		cmd := exec.CommandContext(t.Context(), "pawl", "run", "blog", "--topic", "tides", "--parallel", "--model", "offline?latency=50ms", "-o", t.TempDir()+"/post.md")
		cmd.Env = append(os.Environ(), "PAWL_DATA="+t.TempDir(), "TERM=xterm", "NO_COLOR=", "COLUMNS=")
		terminal, err := pty.StartWithSize(cmd, &size)
		if err != nil {
			t.Fatal(err)
		}
		screen := terminaltest.New(int(size.Cols), int(size.Rows))
		seen := &frames{screen: screen}
		_, _ = io.Copy(seen, terminal) // it ends with an error when the command has
		if err := cmd.Wait(); err != nil {
			t.Errorf("the command: %v", err)
		}
		terminal.Close()
		if err := screen.Err(); err != nil {
			t.Error(err)
		}
		all := strings.Join(screen.Lines(), "\n")
		for _, text := range []string{"offline is not a language model", "] Plan: 4 sections", "done\n", "blog: 6 steps, 6 model calls", "wrote ", " is done", "every step of it: pawl show "} {
			folded := strings.Join(strings.Fields(all), " ") // a line with a time goes on below itself
			if !strings.Contains(all, text) && !strings.Contains(folded, text) {
				t.Errorf("%d columns: it does not show %q:\n%s", size.Cols, text, all)
			}
		}
		if n := strings.Count(all, "in flight"); n != 0 {
			t.Errorf("%d columns: %d frames were left:\n%s", size.Cols, n, all)
		}
		if strings.Contains(all, "Planning sections\n[") || strings.Contains(all, "] Writing section") {
			t.Errorf("%d columns: steps are said twice:\n%s", size.Cols, all)
		}
		if !seen.running {
			t.Errorf("%d columns: no frame had a running step", size.Cols)
		}
		if x, _ := screen.Cursor(); x != 0 {
			t.Errorf("%d columns: the cursor is left in column %d", size.Cols, x)
		}
	}
}

// frames passes what a command writes on to a terminal and looks at the picture.
type frames struct {
	screen  *terminaltest.Terminal
	running bool // a step was seen to run
}

func (f *frames) Write(p []byte) (int, error) {
	n, err := f.screen.Write(p)
	for _, line := range f.screen.Rows() {
		f.running = f.running || strings.HasPrefix(line, "▸ running  ")
	}
	return n, err
}

// slowTree is a run on a terminal whose first answer takes minutes.
func slowTree(t *testing.T) (cmd *exec.Cmd, terminal *os.File, seen *frames) {
	cmd = exec.CommandContext(t.Context(), "pawl", "run", "article", "--topic", "tides", "--model", "offline?latency=2m")
	cmd.Env = append(os.Environ(), "PAWL_DATA="+t.TempDir(), "TERM=xterm")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return cmd, terminal, &frames{screen: terminaltest.New(80, 24)}
}

// TestTreeKilled: whatever ends the command leaves a terminal that goes on on a
// line of its own, with nothing switched.
func TestTreeKilled(t *testing.T) {
	cmd, terminal, seen := slowTree(t)
	screen := seen.screen
	buf := make([]byte, 4096)
	for !seen.running {
		n, err := terminal.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seen.Write(buf[:n]); err != nil {
			t.Fatal(err)
		}
	}
	_ = cmd.Process.Kill()
	_, _ = io.Copy(seen, terminal)
	_ = cmd.Wait()
	lines := screen.Lines()
	if x, _ := screen.Cursor(); x != 0 || lines[len(lines)-1] != "" || screen.Err() != nil {
		t.Errorf("the cursor is left in column %d below\n%s (%v)", x, strings.Join(lines, "\n"), screen.Err())
	}
	if _, err := screen.Write([]byte("$ prompt")); err != nil || screen.Lines()[len(lines)-1] != "$ prompt" {
		t.Errorf("a shell goes on with %q", screen.Lines())
	}
}

// TestTreeEntered: Enter, pressed below the tree, leaves no line of it behind.
func TestTreeEntered(t *testing.T) {
	cmd, terminal, seen := slowTree(t)
	screen := seen.screen
	buf := make([]byte, 4096)
	pressed := false
	for drawn := 0; drawn < 3; { // frames since then
		n, err := terminal.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seen.Write(buf[:n]); err != nil {
			t.Fatal(err)
		}
		if pressed {
			drawn += strings.Count(string(buf[:n]), "\x1b[?2026h")
		} else if seen.running {
			pressed = true
			if _, err := terminal.WriteString("\r"); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if all := strings.Join(screen.Lines(), "\n"); strings.Count(all, "running") != 2 || screen.Err() != nil { // the run and its step
		t.Errorf("it shows\n%s\n%v", all, screen.Err())
	}
}
