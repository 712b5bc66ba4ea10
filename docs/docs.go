// Package docs is the documentation of Pawl as files, so that a program can show the pages
// that belong to it.
package docs

import "embed"

// Pages are the pages, in Markdown, by their paths in this folder.
//
//go:embed *.md learn/*.md patterns/*.md reference/*.md
var Pages embed.FS
