//go:build !unix

package cli

import "os"

// terminalWidth is unknown here.
func terminalWidth(*os.File) int { return 0 }
