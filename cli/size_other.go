//go:build !unix && !windows

package cli

import "os"

// terminalSize is unknown here.
func terminalSize(*os.File) (columns, rows int) { return 0, 0 }

func knowsEscapes(*os.File) bool { return false }
