package runfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/schema"
)

// checkRecord refuses a record that says something else than the events whose fold st is:
// readers take it for that. A program that knows less of a record may have left members
// out, and none can have more.
func checkRecord(raw json.RawMessage, st *replay.State) error {
	want, err := schema.Marshal(st.Record())
	if err != nil || bytes.Equal(raw, want) {
		return err
	}
	says, err := schema.Canonical(raw) // no member twice
	if err != nil {
		return refuse("the record: %v", err)
	}
	if want, err = schema.Canonical(want); err != nil {
		return err
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(says, &members) != nil || members == nil {
		return refuse("the record is no object")
	}
	if at := differs("record", says, want); at != "" {
		return refuse("%s says something else than the events", at)
	}
	return nil
}

// differs returns where a value says something else than another, both canonical; empty:
// nowhere. Members that it lacks say nothing.
func differs(at string, says, is json.RawMessage) string {
	var a, b map[string]json.RawMessage
	var as, bs []json.RawMessage
	switch {
	case bytes.Equal(says, is):
		return ""
	case json.Unmarshal(says, &a) == nil && a != nil && json.Unmarshal(is, &b) == nil && b != nil:
		for _, name := range slices.Sorted(maps.Keys(a)) {
			value := a[name]
			other, known := b[name]
			if !known {
				return at + "." + name
			}
			if at := differs(at+"."+name, value, other); at != "" {
				return at
			}
		}
		return ""
	case json.Unmarshal(says, &as) == nil && json.Unmarshal(is, &bs) == nil && len(as) == len(bs) && len(as) > 0:
		for i := range as {
			if at := differs(fmt.Sprintf("%s[%d]", at, i), as[i], bs[i]); at != "" {
				return at
			}
		}
		return ""
	}
	return at
}
