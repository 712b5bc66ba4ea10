package sqlite

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// busyTimeout is how long a writer waits for one in another process.
const busyTimeout = time.Minute

// Pragmas reach every connection, since they are part of its name. Each one
// that matters is set, because drivers differ in their defaults.

func writerDSN(path string) string {
	return dsn(path,
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"fullfsync(1)",
		"checkpoint_fullfsync(1)",
		"wal_autocheckpoint(0)", // the writer does it by bytes
		"journal_size_limit(67108864)",
	)
}

// readerDSN is not read-only for the file system: a reader may have to recover
// the log of a process that died.
func readerDSN(path string) string { return dsn(path, "query_only(1)") }

// probeDSN opens without any lock and without touching file or log.
func probeDSN(path string) string { return fileURI(path) + "?mode=ro&immutable=1" }

func dsn(path string, pragmas ...string) string {
	q := url.Values{"mode": {"rw"}, "_dqs": {"0"}, "_pragma": {
		busyPragma(), // first: the others may have to wait
		"foreign_keys(1)",
		"trusted_schema(0)",
		"temp_store(MEMORY)",
		"cache_size(-8192)",
	}}
	q["_pragma"] = append(q["_pragma"], pragmas...)
	return fileURI(path) + "?" + q.Encode()
}

func busyPragma() string { return fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()) }

func fileURI(path string) string {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") { // C:/...
		p = "/" + p
	}
	return (&url.URL{Scheme: "file", Path: p}).String()
}
