//go:build !linux

package sqlite

// lockHolder returns the process that has a lock on that byte of a file; 0: not known,
// for here there is no list of locks, and to open the file and to close it again would
// take SQLite's own locks on it away.
func lockHolder(string, int64) (pid int) { return 0 }

func isSuspended(int) bool { return false }
