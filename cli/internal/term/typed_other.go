//go:build !(linux || darwin || freebsd || netbsd || openbsd || windows)

package term

import "os"

// dropTyped cannot be done here.
func dropTyped(*os.File) {}
