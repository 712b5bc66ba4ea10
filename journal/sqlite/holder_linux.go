package sqlite

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// lockHolder returns the process that has a lock on that byte of a file to itself; 0: not
// known. It asks the list of all locks, since to open the file and to close it again
// would take SQLite's own locks on it away.
func lockHolder(file string, at int64) (pid int) {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return 0
	}
	for lines := bufio.NewScanner(bytes.NewReader(locks)); lines.Scan(); {
		// 1: POSIX  ADVISORY  WRITE 4711 08:01:1234 120 120
		f := strings.Fields(lines.Text())
		if len(f) != 8 || f[3] != "WRITE" || !strings.HasSuffix(f[5], fmt.Sprintf(":%d", stat.Ino)) {
			continue // with "->" behind the number: it waits
		}
		first, err := strconv.ParseInt(f[6], 10, 64)
		if err != nil || first > at {
			continue
		}
		if last, err := strconv.ParseInt(f[7], 10, 64); f[7] != "EOF" && (err != nil || last < at) {
			continue
		}
		if pid, _ = strconv.Atoi(f[4]); pid > 0 { // not one of another container
			return pid
		}
	}
	return 0
}

// isSuspended reports whether a process is stopped, as by Ctrl-Z.
func isSuspended(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, _ := bytes.Cut(stat, []byte(") "))
	return err == nil && bytes.HasPrefix(state, []byte("T"))
}
