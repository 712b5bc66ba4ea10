package schema

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// writer renders values compactly and without HTML escaping.
type writer struct {
	buf bytes.Buffer
	enc *json.Encoder // nil until a string needs it
}

func (w *writer) raw(s string) { w.buf.WriteString(s) }

func (w *writer) string(s string) {
	if !escapes(s) {
		w.raw(`"`)
		w.raw(s)
		w.raw(`"`)
		return
	}
	if w.enc == nil {
		w.enc = json.NewEncoder(&w.buf)
		w.enc.SetEscapeHTML(false)
	}
	// Encoding a string into memory cannot go wrong.
	_ = w.enc.Encode(s)
	w.buf.Truncate(w.buf.Len() - 1) // the encoder's newline
}

// escapes reports whether encoding/json may write s in another way than it is.
func escapes(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return true
		}
	}
	return false
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
	w := &writer{}
	w.value(v)
	return w.buf.Bytes()
}
