package pawlvet

import (
	"bytes"
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
)

const ignore = "//pawlvet:ignore"

// silenced returns the lines of a file about which nothing is to be said. A comment
// that does not say why is reported, and silences nothing.
func silenced(pass *analysis.Pass, file *ast.File) map[int]bool {
	lines := map[int]bool{}
	for _, group := range file.Comments {
		for _, comment := range group.List {
			reason, ok := strings.CutPrefix(comment.Text, ignore)
			switch {
			case !ok:
			case strings.TrimSpace(reason) == "":
				pass.Reportf(comment.Pos(), "%s wants a reason behind it", ignore)
			default:
				at := pass.Fset.PositionFor(comment.Pos(), false)
				lines[at.Line] = true
				if isAlone(pass, at) {
					lines[at.Line+1] = true
				}
			}
		}
	}
	return lines
}

// isAlone reports whether nothing stands before a place in its line.
func isAlone(pass *analysis.Pass, at token.Position) bool {
	text, err := pass.ReadFile(at.Filename)
	return err == nil && len(bytes.TrimSpace(text[at.Offset-at.Column+1:at.Offset])) == 0
}
