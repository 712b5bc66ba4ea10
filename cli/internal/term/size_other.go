//go:build !unix && !windows

package term

import "os"

// terminalSize is unknown here.
func terminalSize(*os.File) (columns, rows int) { return 0, 0 }

func knowsEscapes(*os.File) bool { return false }
