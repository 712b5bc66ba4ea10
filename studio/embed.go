//go:build !no_ui

package studio

import "embed"

//go:embed all:dist
var dist embed.FS
