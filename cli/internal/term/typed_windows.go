package term

import (
	"os"

	"golang.org/x/sys/windows"
)

func dropTyped(f *os.File) { _ = windows.FlushConsoleInputBuffer(windows.Handle(f.Fd())) }
