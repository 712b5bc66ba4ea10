package pattern

import (
	"embed"
	"io/fs"
)

//go:embed *.go
var source embed.FS

// Source returns the files of this package, by which views show what a pattern does.
func Source() fs.FS { return source }
