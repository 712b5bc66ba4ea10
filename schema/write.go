package schema

import (
	"bytes"
	"encoding/json"
)

// writer renders values compactly and without HTML escaping.
type writer struct {
	buf bytes.Buffer
	enc *json.Encoder
}

func newWriter() *writer {
	w := &writer{}
	w.enc = json.NewEncoder(&w.buf)
	w.enc.SetEscapeHTML(false)
	return w
}

func (w *writer) raw(s string) { w.buf.WriteString(s) }

func (w *writer) string(s string) {
	// Encoding a string into memory cannot go wrong.
	_ = w.enc.Encode(s)
	w.buf.Truncate(w.buf.Len() - 1) // the encoder's newline
}

func (w *writer) value(v *value) {
	switch v.kind {
	case kindNull:
		w.raw("null")
	case kindBool:
		if v.truth {
			w.raw("true")
		} else {
			w.raw("false")
		}
	case kindNumber:
		w.raw(v.text)
	case kindString:
		w.string(v.text)
	case kindArray:
		w.raw("[")
		for i, item := range v.items {
			if i > 0 {
				w.raw(",")
			}
			w.value(item)
		}
		w.raw("]")
	case kindObject:
		w.raw("{")
		for i, m := range v.members {
			if i > 0 {
				w.raw(",")
			}
			w.string(m.name)
			w.raw(":")
			w.value(m.value)
		}
		w.raw("}")
	}
}

// compact renders v.
func (v *value) compact() json.RawMessage {
	w := newWriter()
	w.value(v)
	return w.buf.Bytes()
}
