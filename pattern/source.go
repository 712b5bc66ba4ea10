package pattern

import (
	"embed"
	"io/fs"
)

//go:embed bestof.go guard.go orchestrate.go refine.go route.go vote.go
var source embed.FS

// Source returns the files of this package, by which views show what a pattern does.
func Source() fs.FS { return source }
