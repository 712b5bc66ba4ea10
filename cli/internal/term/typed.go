package term

import "os"

// TypedAt returns what has a terminal forget what was typed at it that nobody has read
// yet, also a line that is not whole: it was meant for something else than what is asked
// next. It is nil for what is no terminal, where nobody types.
func TypedAt(f *os.File) (drop func()) {
	if !isTerminal(f) {
		return nil
	}
	return func() { dropTyped(f) }
}
