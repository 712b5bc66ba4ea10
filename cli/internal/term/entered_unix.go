//go:build linux || darwin || freebsd || netbsd || openbsd

package term

import (
	"os"

	"golang.org/x/sys/unix"
)

// enteredOn says how many bytes of whole lines have been typed at a terminal that nobody
// has read yet; nil where that is not known.
func enteredOn(f *os.File) func() int {
	fd := int(f.Fd())
	if _, err := unix.IoctlGetInt(fd, typedWaits); err != nil {
		return nil
	}
	return func() int {
		n, _ := unix.IoctlGetInt(fd, typedWaits)
		return n
	}
}
