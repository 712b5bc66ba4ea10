// Package disktest is the disk beneath SQLite, for tests: it sees every write,
// sync and truncation that SQLite asks for, and may have it fail, be torn, or be
// the last thing that the process does. A [History] of it says what a cut of power would leave.
//
// [Install] puts it beneath all databases that this process opens from then on,
// so that the code under test is the one that users have. It is for child
// processes alone: it cannot be taken away again.
//
//	n := 0
//	disktest.Install(func(op disktest.Op) disktest.Verdict {
//		if n++; n == 7 && op.Kind == disktest.Write && op.File == disktest.Log {
//			return disktest.Verdict{Torn: true, After: kill} // the process dies half-way through
//		}
//		return disktest.Verdict{}
//	})
package disktest

import (
	"fmt"
	"strings"
	"sync/atomic"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Kind is what SQLite does to a file.
type Kind string

// The kinds.
const (
	Write    Kind = "write"
	Sync     Kind = "sync"
	Truncate Kind = "truncate"
)

// File is which of a database's files it does it to.
type File string

// The files.
const (
	Database File = "database"
	Log      File = "log" // the write-ahead log
)

// Op is an operation that is about to happen. Of a database and its log, one
// connection writes at a time, but several may ask.
type Op struct {
	Kind  Kind
	File  File
	Bytes int    // of a write
	At    int64  // where a write begins, or what a truncation leaves of the file
	Data  []byte // of a write; SQLite's memory, until it is judged
}

// Verdict is what becomes of an operation. The zero value lets it happen.
type Verdict struct {
	Code  int    // of SQLite's error that it ends with, instead of happening
	Torn  bool   // only the first half of a write happens
	After func() // is called when it has happened
}

// SQLite's codes of what disks do.
const (
	Full       = lib.SQLITE_FULL
	ReadOnly   = lib.SQLITE_READONLY
	WriteError = lib.SQLITE_IOERR_WRITE
	SyncError  = lib.SQLITE_IOERR_FSYNC
)

// disk is what Install was given. SQLite calls plain functions, so there is one
// for the process.
type disk struct {
	judge func(Op) Verdict
	real  *lib.Tsqlite3_vfs
}

var installed atomic.Pointer[disk]

// Install has judge asked before every operation, from many goroutines. It
// panics if called twice.
func Install(judge func(Op) Verdict) {
	tls := libc.NewTLS()
	real := lib.Xsqlite3_vfs_find(tls, 0)
	d := &disk{judge: judge, real: vfsAt(real)}
	if !installed.CompareAndSwap(nil, d) {
		panic("disktest.Install: called twice")
	}
	size := unsafe.Sizeof(lib.Tsqlite3_vfs{})
	shim := libc.Xmalloc(tls, libc.Tsize_t(size))
	name, err := libc.CString("disktest")
	if shim == 0 || err != nil {
		panic("disktest.Install: no memory")
	}
	*vfsAt(shim) = *d.real
	vfsAt(shim).FzName = name
	vfsAt(shim).FxOpen = pointer(open)
	if rc := lib.Xsqlite3_vfs_register(tls, shim, 1); rc != lib.SQLITE_OK {
		panic(fmt.Sprintf("disktest.Install: SQLite says %d", rc))
	}
}

// open opens a file of the real disk and puts our methods in the place of its
// own. Each kind of file has a table of methods, which lives as long as the
// process.
func open(tls *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32 {
	d := installed.Load()
	rc := call(d.real.FxOpen, func(f func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32) int32 {
		return f(tls, vfs, name, file, flags, out)
	})
	if rc != lib.SQLITE_OK {
		return rc
	}
	switch {
	case flags&lib.SQLITE_OPEN_MAIN_DB != 0 && !strings.Contains(libc.GoString(name), ":memory:"):
		substitute(tls, file, pointer(writeDatabase), pointer(syncDatabase), pointer(truncateDatabase))
	case flags&lib.SQLITE_OPEN_WAL != 0:
		substitute(tls, file, pointer(writeLog), pointer(syncLog), pointer(truncateLog))
	}
	return rc
}

// methods is a table of ours with the real one behind it.
type methods struct {
	lib.Tsqlite3_io_methods
	real *lib.Tsqlite3_io_methods
}

func substitute(tls *libc.TLS, file, write, sync, truncate uintptr) {
	at := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(methods{})))
	if at == 0 {
		panic("disktest: no memory")
	}
	real := fileAt(file).FpMethods
	m := (*methods)(raw(at))
	m.real = (*lib.Tsqlite3_io_methods)(raw(real))
	m.Tsqlite3_io_methods = *m.real
	m.FxWrite, m.FxSync, m.FxTruncate = write, sync, truncate
	fileAt(file).FpMethods = at
}

func writeDatabase(tls *libc.TLS, file, data uintptr, n int32, at int64) int32 {
	return write(Database, tls, file, data, n, at)
}

func writeLog(tls *libc.TLS, file, data uintptr, n int32, at int64) int32 {
	return write(Log, tls, file, data, n, at)
}

func write(which File, tls *libc.TLS, file, data uintptr, n int32, at int64) int32 {
	v := installed.Load().judge(Op{Kind: Write, File: which, Bytes: int(n), At: at, Data: unsafe.Slice((*byte)(raw(data)), n)})
	if v.Torn {
		n /= 2
	}
	return v.happens(func() int32 {
		return call(realOf(file).FxWrite, func(f func(*libc.TLS, uintptr, uintptr, int32, int64) int32) int32 {
			return f(tls, file, data, n, at)
		})
	})
}

func syncDatabase(tls *libc.TLS, file uintptr, flags int32) int32 {
	return syncFile(Database, tls, file, flags)
}

func syncLog(tls *libc.TLS, file uintptr, flags int32) int32 { return syncFile(Log, tls, file, flags) }

func syncFile(which File, tls *libc.TLS, file uintptr, flags int32) int32 {
	v := installed.Load().judge(Op{Kind: Sync, File: which})
	return v.happens(func() int32 {
		return call(realOf(file).FxSync, func(f func(*libc.TLS, uintptr, int32) int32) int32 { return f(tls, file, flags) })
	})
}

func truncateDatabase(tls *libc.TLS, file uintptr, size int64) int32 {
	return truncate(Database, tls, file, size)
}

func truncateLog(tls *libc.TLS, file uintptr, size int64) int32 {
	return truncate(Log, tls, file, size)
}

func truncate(which File, tls *libc.TLS, file uintptr, size int64) int32 {
	v := installed.Load().judge(Op{Kind: Truncate, File: which, At: size})
	return v.happens(func() int32 {
		return call(realOf(file).FxTruncate, func(f func(*libc.TLS, uintptr, int64) int32) int32 { return f(tls, file, size) })
	})
}

func (v Verdict) happens(really func() int32) int32 {
	if v.Code != 0 {
		return int32(v.Code)
	}
	rc := really()
	if v.After != nil {
		v.After()
	}
	return rc
}

// pointer is how the translated SQLite holds a function; call takes it back.
func pointer(f any) uintptr {
	type face [2]uintptr
	return (*face)(unsafe.Pointer(&f))[1]
}

func call[F any](at uintptr, do func(F) int32) int32 {
	return do(*(*F)(unsafe.Pointer(&struct{ uintptr }{at})))
}

// raw is memory of SQLite, which Go's collector does not know.
func raw(at uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&at)) }

func vfsAt(at uintptr) *lib.Tsqlite3_vfs   { return (*lib.Tsqlite3_vfs)(raw(at)) }
func fileAt(at uintptr) *lib.Tsqlite3_file { return (*lib.Tsqlite3_file)(raw(at)) }

func realOf(file uintptr) *lib.Tsqlite3_io_methods {
	return (*methods)(raw(fileAt(file).FpMethods)).real
}
