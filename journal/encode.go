package journal

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/pawlrun/pawl/schema"
)

// encode returns a body as it is stored. The bodies of this package have no list
// that could be nil and is not left out then, so schema.Marshal would change
// nothing in them; looking for such lists takes longer than encoding.
func encode(body any) (json.RawMessage, error) {
	switch b := body.(type) {
	case Intent:
		if b.Request != nil && b.Request.Messages == nil {
			return schema.Marshal(body)
		}
	case Created, Claimed, Released, Attempt, Scope, Failed, Blocker, Decision, Guidance, Directive, Note, Done, Canceled:
	default:
		return schema.Marshal(body)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		return nil, fmt.Errorf("encode %T: %w", body, err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
