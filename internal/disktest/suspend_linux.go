package disktest

import (
	"os"
	"runtime"
	"syscall"
)

// Suspend stops the process until it gets SIGCONT, before the caller does anything else:
// a signal to the process as a whole may be taken by another thread, and later.
func Suspend() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_ = syscall.Tgkill(os.Getpid(), syscall.Gettid(), syscall.SIGSTOP)
}
