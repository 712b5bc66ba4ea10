package mask

import (
	"slices"

	"github.com/pawlrun/pawl"
)

// Sent returns a text that is sent to a model, or is about to be, as it may be shown. It
// may repeat what steps have come to: while an output with sensitive fields is not known,
// none of it is shown then.
func (m *Mask) Sent(s string) string {
	if m.hidesSent() {
		return Hidden
	}
	return m.Line(s)
}

func (m *Mask) hidesSent() bool { return m.info == nil || m.open && m.has }

// Request returns what a step is about to ask as it may be shown.
func (m *Mask) Request(r *pawl.Request) *pawl.Request {
	if r == nil {
		return nil
	}
	c := *r
	c.Messages = slices.Clone(r.Messages)
	for i := range c.Messages {
		c.Messages[i].Text = m.Sent(c.Messages[i].Text)
	}
	c.Data = m.value(m.hidesSent(), c.Data)
	return &c
}
