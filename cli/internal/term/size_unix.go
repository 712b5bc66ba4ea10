//go:build unix

package term

import (
	"os"

	"golang.org/x/sys/unix"
)

// terminalSize returns how many columns and rows the terminal has; zeros if it
// does not say.
func terminalSize(f *os.File) (columns, rows int) {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0, 0
	}
	return int(size.Col), int(size.Row)
}

// knowsEscapes: TERM says it otherwise.
func knowsEscapes(*os.File) bool { return true }
