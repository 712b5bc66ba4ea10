package temporal_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/temporal"
	"github.com/pawlrun/pawl/llm"
)

// failing is a store of blobs that fails until a time.
type failing struct {
	temporal.Blobs
	until  atomic.Int64
	failed atomic.Int32
}

func (f *failing) fails() error {
	if time.Now().UnixNano() < f.until.Load() {
		f.failed.Add(1)
		return errors.New("the store is down")
	}
	return nil
}

func (f *failing) Put(ctx context.Context, digest string, data []byte) error {
	if err := f.fails(); err != nil {
		return err
	}
	return f.Blobs.Put(ctx, digest, data)
}

func (f *failing) Get(ctx context.Context, digest string) ([]byte, error) {
	if err := f.fails(); err != nil {
		return nil, err
	}
	return f.Blobs.Get(ctx, digest)
}

// TestStoreIsDown: a store of blobs that is down for longer than a workflow's task takes loses
// nothing, and no answer is paid for twice.
func TestStoreIsDown(t *testing.T) { onServers(t, testStoreIsDown) }

func testStoreIsDown(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for Temporal to try a task again, which takes 15 seconds")
	}
	store := &failing{Blobs: temporal.Directory(t.TempDir())}
	var calls, ran atomic.Int32
	m := speaker(func(context.Context, llm.Request) (string, error) {
		if calls.Add(1) == 2 {
			store.until.Store(time.Now().Add(2 * time.Second).UnixNano()) // when the activity has its result
		}
		return strings.Repeat("x", 400<<10), nil
	})
	f := flow("large", func(r *pawl.Run) (string, error) {
		pawl.Ask(r, "a", text("A"))
		pawl.Ask(r, "b", text("B"))
		pawl.Do(r, "down", none{}, func(context.Context, none) (string, error) {
			if ran.Add(1) == 1 { // it may run again
				store.until.Store(time.Now().Add(8 * time.Second).UnixNano()) // when the workflow stores that
			}
			return strings.Repeat("y", 400<<10), nil
		})
		return pawl.Ask(r, "c", text("C"))[:3], nil
	})
	e := open(t, temporal.Options{Models: models(m), Model: "test/one", Blobs: store})
	rec := enginetest.Finish(t, e, f)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"xxx"` || calls.Load() != 3 || store.failed.Load() == 0 {
		t.Errorf("%s (%s) %s, %d calls, the store failed %d times", rec.Status, cutTo(rec.Reason, 300), rec.Output, calls.Load(), store.failed.Load())
	}
}

// TestDirectory: blobs are files that are there whole, under no other name than a digest's.
func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	d := temporal.Directory(filepath.Join(dir, "blobs"))
	name := strings.Repeat("ab", 32)
	for range 2 {
		if err := d.Put(t.Context(), name, []byte("one")); err != nil {
			t.Fatal(err)
		}
	}
	if data, err := d.Get(t.Context(), name); err != nil || string(data) != "one" {
		t.Errorf("%q, %v", data, err)
	}
	for _, bad := range []string{"", "x", "../../../etc/passwd", "..", strings.Repeat("../", 22), strings.Repeat("zz", 32)} {
		if err := d.Put(t.Context(), bad, []byte("x")); err == nil {
			t.Errorf("put %q", bad)
		}
		if _, err := d.Get(t.Context(), bad); err == nil {
			t.Errorf("got %q", bad)
		}
	}
	if _, err := d.Get(t.Context(), strings.Repeat("cd", 32)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
}

// TestDirectoryIsShared: who may use the directory may use what is in it, and nobody else.
func TestDirectoryIsShared(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("rights are not a file's mode on Windows")
	}
	for _, rights := range []os.FileMode{0o700, 0o770} {
		dir := filepath.Join(t.TempDir(), "blobs")
		if rights != 0o700 {
			if err := errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, rights)); err != nil {
				t.Fatal(err)
			}
		}
		if err := temporal.Directory(dir).Put(t.Context(), strings.Repeat("ab", 32), []byte("x")); err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]os.FileMode{"": rights, "ab": rights, "ab/" + strings.Repeat("ab", 32): rights &^ 0o111} {
			if info, err := os.Stat(filepath.Join(dir, path)); err != nil || info.Mode().Perm() != want {
				t.Errorf("%q has %v, want %v (%v)", path, info.Mode().Perm(), want, err)
			}
		}
	}
}
