package term

import "os"

// DropTyped has a terminal forget what was typed at it that nobody has read yet, also a
// line that is not whole: it was meant for something else than what is asked next. Of a
// file that is no terminal everything stays to be read.
func DropTyped(f *os.File) {
	if IsTerminal(f) {
		dropTyped(f)
	}
}
