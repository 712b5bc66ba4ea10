package relay

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

const (
	folder    = "pieces" // of the sockets, within a data directory
	extension = ".sock"  // of those that may be connected to

	// maxAddress is how long a socket's address may be everywhere; Linux has 108 bytes
	// for it, BSD and macOS 104.
	maxAddress = 100

	// elsewhere is what the name of a folder begins with that holds one socket, where
	// the data directory's address is too long.
	elsewhere = "pawl-pieces-"
	awayName  = "socket"
)

// socket is one that others can connect to.
type socket struct {
	net.Listener
	path string // in the data directory: itself, or a link to it
	away string // the folder that it lies in otherwise; empty: it does not
}

// openSocket makes a socket for this user alone in a data directory, and removes those
// that the dead have left there.
func openSocket(dir string) (*socket, error) {
	if runtime.GOOS == "windows" {
		return nil, fmt.Errorf("sockets in the data directory: %w", errors.ErrUnsupported)
	}
	dir = filepath.Join(dir, folder)
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	removeDead(dir)
	s := &socket{path: filepath.Join(dir, fmt.Sprintf("%d-%s%s", os.Getpid(), rand.Text()[:8], extension))}
	// Under another name at first: until it is listened to it would be taken for dead.
	at := strings.TrimSuffix(s.path, extension)
	if len(s.path) > maxAddress {
		away, err := os.MkdirTemp("", elsewhere)
		if err != nil {
			return nil, err
		}
		s.away, at = away, filepath.Join(away, awayName)
	}
	if err := s.open(at); err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

// open listens at a path and puts the socket, or a link to it, in its place.
func (s *socket) open(at string) error {
	l, err := net.Listen("unix", at)
	if err != nil {
		return err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // it will have another name
	s.Listener = l
	err = os.Chmod(at, 0o600)
	switch {
	case err != nil:
	case s.away != "":
		err = os.Symlink(at, s.path)
	default:
		err = os.Rename(at, s.path)
	}
	if err != nil {
		l.Close()
		os.Remove(at)
	}
	return err
}

// remove takes the socket's name away, so that nobody finds it any more.
func (s *socket) remove() {
	os.Remove(s.path)
	if s.away != "" {
		removeAway(filepath.Join(s.away, awayName))
	}
}

// removeAway removes a socket that lies elsewhere, with its folder.
func removeAway(at string) {
	os.Remove(at)
	os.Remove(filepath.Dir(at))
}

// sockets are the paths at which processes may be connected to.
func sockets(dir string) []string {
	all, _ := filepath.Glob(filepath.Join(escapeGlob(dir), "*"+extension)) // the pattern is a good one
	return all
}

// escapeGlob makes a pattern of a path that matches nothing else.
func escapeGlob(path string) string {
	if runtime.GOOS == "windows" {
		return path
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// dial connects to a socket.
func dial(path string) (net.Conn, error) {
	if target, err := os.Readlink(path); err == nil {
		path = target
	}
	return net.Dial("unix", path)
}

// removeDead removes the sockets to which nobody listens.
func removeDead(dir string) {
	for _, path := range sockets(dir) {
		conn, err := dial(path)
		if err == nil {
			conn.Close()
			continue
		}
		if !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if target, err := os.Readlink(path); err == nil && strings.HasPrefix(filepath.Base(filepath.Dir(target)), elsewhere) {
			removeAway(target)
		}
		os.Remove(path)
	}
}
