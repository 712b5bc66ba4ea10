// Package sqlite is a journal in one SQLite file.
//
// A [DB] implements journal.Journal and journal.Blobs. [Open] takes a data
// directory: the history lies in pawl.db within it, and each open DB holds a
// lock on a file of its own under procs, by which others see that it lives.
// Several processes may use one directory at once, on a local disk.
//
//	db, err := sqlite.Open(ctx, dir, nil)
//	defer db.Close()
//
// One caller writes at a time, and commits what all that wait have asked for in
// one transaction, so that a full sync to the disk for each commit stays cheap
// under load. Readers have connections of their own and wait for nobody.
//
// Rules one can break:
//
//   - pawl.db is never opened by other means than SQLite while a DB is open in
//     the process: closing any descriptor of the file drops SQLite's locks.
//   - After an I/O error on a commit the DB refuses all further writes, since a
//     second sync may report success with the data gone. Close it and open it
//     again.
//   - Migrations are only added, never edited; schema.sql is their sum,
//     and empty.db.gz the database that they make, which new ones are copies of.
package sqlite
