//go:build unix

package form

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// To a device or a pipe a result is written.
func TestReplaceWritesToDevices(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{os.DevNull, fifo} {
		if err := CheckOutput(path); err != nil {
			t.Error(err)
		}
	}
	read := make(chan string)
	go func() {
		b, err := os.ReadFile(fifo)
		if err != nil {
			t.Error(err)
		}
		read <- string(b)
	}()
	if _, err := Replace(fifo, []byte("text\u202e")); err != nil {
		t.Fatal(err)
	}
	if got := <-read; got != "text\u202e" {
		t.Errorf("the pipe got %q", got)
	}
	if _, err := Replace(os.DevNull, []byte("text")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s is now %v, %v", os.DevNull, info.Mode(), err)
	}
}
