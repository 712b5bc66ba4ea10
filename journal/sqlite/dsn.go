package sqlite

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// Pragmas reach every connection, since they are part of its name. Each one
// that matters is set, because drivers differ in their defaults.

func writerDSN(path string) string {
	return dsn(path, "rw", busyStep,
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"fullfsync(1)",
		"checkpoint_fullfsync(1)",
		"wal_autocheckpoint(0)", // the writer does it by bytes
		"journal_size_limit(67108864)",
		"secure_delete(1)", // what is removed is overwritten
	)
}

// readerDSN opens for reading alone. SQLite then opens the database read-only, so that
// the last reader to leave does not put the log in order, and is free to write to log
// and index where it may: it may have to recover the log of a process that died.
func readerDSN(path string) string { return dsn(path, "ro", readTimeout, "query_only(1)") }

// frozenDSN opens for reading where nothing can be written, and nobody has a log.
func frozenDSN(path string) string {
	return dsn(path, "ro", readTimeout, "query_only(1)") + "&immutable=1"
}

// probeDSN opens without any lock and without touching file or log.
func probeDSN(path string) string { return fileURI(path) + "?mode=ro&immutable=1" }

func dsn(path, mode string, busy time.Duration, pragmas ...string) string {
	q := url.Values{"mode": {mode}, "_dqs": {"0"}, "_pragma": {
		busyPragma(busy), // first: the others may have to wait
		"foreign_keys(1)",
		"trusted_schema(0)",
		"temp_store(MEMORY)",
		"cache_size(-8192)",
	}}
	q["_pragma"] = append(q["_pragma"], pragmas...)
	return fileURI(path) + "?" + q.Encode()
}

func busyPragma(d time.Duration) string { return fmt.Sprintf("busy_timeout(%d)", d.Milliseconds()) }

func fileURI(path string) string {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") { // C:/...
		p = "/" + p
	}
	return (&url.URL{Scheme: "file", Path: p}).String()
}
