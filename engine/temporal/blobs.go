package temporal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Blobs keeps large values for all processes that share a namespace. A blob is named by its
// digest, is never changed, and must be there as long as Temporal keeps the run. Its methods
// may be called concurrently.
type Blobs interface {
	Put(ctx context.Context, digest string, data []byte) error // of what is there already, it does nothing
	Get(ctx context.Context, digest string) ([]byte, error)
}

// Directory keeps blobs as files of a directory that all processes have. Who may read and write
// there may do so with what is put in; where there is no directory yet, that is one user alone.
type Directory string

// Put implements Blobs.
func (d Directory) Put(_ context.Context, digest string, data []byte) error {
	path, err := d.path(digest)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	whole, err := os.Stat(string(d))
	if err != nil {
		return err
	}
	rights := whole.Mode().Perm()
	if err = os.Mkdir(filepath.Dir(path), 0o700); err == nil {
		err = os.Chmod(filepath.Dir(path), rights)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".part-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(rights &^ 0o111)
	}
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Get implements Blobs.
func (d Directory) Get(_ context.Context, digest string) ([]byte, error) {
	path, err := d.path(digest)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// path is where a blob is. Its name comes from outside.
func (d Directory) path(digest string) (string, error) {
	if raw, err := hex.DecodeString(digest); err != nil || len(raw) != sha256.Size {
		return "", fmt.Errorf("%.100q is not the digest of a blob", digest)
	}
	return filepath.Join(string(d), digest[:2], digest), nil
}
