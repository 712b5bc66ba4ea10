package page

import "github.com/pawlrun/pawl"

// Said is what of a run has had its line: failures and questions. The nil one has
// said nothing.
type Said map[mark]bool

// mark is a blocker as it was opened.
type mark struct {
	key    pawl.Key
	kind   pawl.BlockerKind
	digest string
}

// Add notes that a blocker had its line.
func (h Said) Add(b pawl.Blocker) { h[mark{b.Key, b.Kind, b.Digest}] = true }

// Has reports whether a blocker had its line.
func (h Said) Has(b pawl.Blocker) bool { return h[mark{b.Key, b.Kind, b.Digest}] }
