//go:build linux || darwin

package sqlite

import (
	"errors"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// isFull reports whether the system refused to write for want of space.
func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

// hasNoSpace reports whether the disk of a database has no room for another piece of the
// log's index. SQLite does not say why it could not write that.
func hasNoSpace(path string) bool {
	const piece = 32 << 10
	var s unix.Statfs_t
	return unix.Statfs(filepath.Dir(path), &s) == nil && uint64(s.Bavail)*uint64(s.Bsize) < piece
}

func bytesLeft(path string) (int64, error) {
	var s unix.Statfs_t
	err := unix.Statfs(filepath.Dir(path), &s)
	return int64(s.Bavail) * int64(s.Bsize), err
}
