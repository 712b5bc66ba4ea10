//go:build unix

package doctor

import "golang.org/x/sys/unix"

// writable says why nothing can be made in a directory. It tries nothing.
func writable(dir string) error { return unix.Access(dir, unix.W_OK|unix.X_OK) }
