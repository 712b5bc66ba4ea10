package sqlite

import (
	"sync"

	"modernc.org/sqlite"
)

// lockByDescription has SQLite's locks on database files belong to what has opened
// them, where the system can do that (Linux). Those of POSIX belong to the process and
// are lost as soon as any descriptor of the file is closed in it, by a backup or a
// checksum: an older SQLite beside us, such as the sqlite3 of a distribution, then takes
// itself for the last user when it leaves, and deletes the log under us.
//
// It is a switch of the process and takes effect before the first database is opened.
// In a program that has opened one by then everything stays as it is.
var lockByDescription = sync.OnceFunc(func() {
	_, _ = sqlite.OFDLocking(true) // it works without
})
