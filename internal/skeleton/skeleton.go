// Package skeleton holds flows to begin with, one for each pattern. They are programs like any
// other, built and tested where they are; a new flow is a copy of one under another name.
package skeleton

import (
	"bytes"
	"embed"
	"io/fs"
	"strings"
)

//go:embed chain route refine bestof vote orchestrate guard
var programs embed.FS

// Patterns are the patterns that there is a skeleton of, the plainest first.
func Patterns() []string {
	return []string{"chain", "route", "refine", "best-of", "vote", "orchestrate", "guard"}
}

// placeholder is what all skeletons are called.
const placeholder = "myflow"

// File is a file of a program.
type File struct {
	Path string // slash-separated, from the program's folder
	Data []byte
}

// Files returns the program of a pattern under a name, which is one of a flow: the files in
// the order of their paths, without a go.mod. It panics if there is no such pattern.
func Files(pattern, name string) (files []File) {
	dir := strings.ReplaceAll(pattern, "-", "")
	err := fs.WalkDir(programs, dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := programs.ReadFile(p)
		files = append(files, File{strings.TrimPrefix(p, dir+"/"), bytes.ReplaceAll(data, []byte(placeholder), []byte(name))})
		return err
	})
	if err != nil {
		panic("skeleton: " + err.Error())
	}
	return files
}
