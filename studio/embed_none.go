//go:build no_ui

package studio

import "embed"

var dist embed.FS // nothing
