package term

import (
	"os"

	"golang.org/x/sys/unix"
)

func dropTyped(f *os.File) { _ = unix.IoctlSetInt(int(f.Fd()), unix.TCFLSH, unix.TCIFLUSH) }
