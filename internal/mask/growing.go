package mask

import (
	"strings"

	"github.com/pawlrun/pawl"
)

// HidesAnswer reports whether nothing of a step's answer may be shown before it is
// whole: it is sensitive, or nobody knows what is, or a number in it may be, of which a
// piece says nothing.
func (m *Mask) HidesAnswer(key pawl.Key) bool {
	return m.info == nil || m.open || m.steps[key] || len(m.numbers) > 0
}

// Growing is a text that is shown while it arrives. What may be the beginning of a
// secret is held back until that is clear.
type Growing struct {
	mask *Mask
	held string
}

// Grow returns an empty text.
func (m *Mask) Grow() *Growing { return &Growing{mask: m} }

// Add adds a piece and returns what may be shown further. All that was shown so far is
// the beginning of what Line makes of the whole text.
func (g *Growing) Add(piece string) string {
	text := g.held + piece
	var b strings.Builder
	for i := 0; i < len(text); {
		n, more := g.mask.secretAt(text[i:])
		switch {
		case more:
			g.held = text[i:]
			return b.String()
		case n > 0:
			b.WriteString(Hidden)
			i += n
		default:
			b.WriteByte(text[i])
			i++
		}
	}
	g.held = ""
	return b.String()
}

// End returns the rest, when nothing more comes.
func (g *Growing) End() string {
	rest := g.held
	g.held = ""
	return g.mask.Line(rest)
}

// secretAt returns how long the secret is that a text begins with; 0: it begins with
// none. more says that it may be one, if more of it comes.
func (m *Mask) secretAt(text string) (n int, more bool) {
	for i := 0; i < len(m.pairs); i += 2 {
		switch secret := m.pairs[i]; {
		case strings.HasPrefix(text, secret):
			return len(secret), false
		case strings.HasPrefix(secret, text):
			return 0, true
		}
	}
	return 0, false
}
