package replay

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// maxFields is how many fields of a value are told apart. More are one field.
const maxFields = 64

// StepData returns short digests of what a step is about, as journal.Step has them; nil:
// that is not known. Of an ask it is the data that fills its prompt, of a do its
// input. How a question is put, the schema and the settings are in none of it: they
// are the form, and only part of the digest of the request.
func StepData(s host.Step) json.RawMessage {
	switch {
	case s.Do != nil:
		return partsOf("input", s.Do.Input)
	case s.Ask.Data != nil:
		return digestsOf(s.Ask.Data())
	}
	return nil
}

// WaitData is StepData for a wait: what is proposed, or shown for an input, or else the
// question, which is all that is shown then. A sleep is about nothing.
func WaitData(w host.Wait) json.RawMessage {
	switch w.Kind {
	case pawl.KindApprove:
		return partsOf("proposal", w.Proposal)
	case pawl.KindInput:
		if w.Proposal != nil {
			return partsOf("shown", w.Proposal)
		}
		return wholeOf("question", json.RawMessage(w.Question))
	}
	return nil
}

// partsOf digests the fields of a JSON object, or the whole as one.
func partsOf(whole string, raw json.RawMessage) json.RawMessage {
	var object map[string]json.RawMessage
	if len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &object) != nil || len(object) == 0 || len(object) > maxFields {
		return wholeOf(whole, raw)
	}
	return digestsOf(object)
}

// wholeOf digests a value as one field, whose name is plain.
func wholeOf(name string, value json.RawMessage) json.RawMessage {
	return json.RawMessage(`{"` + name + `":"` + FieldDigest(value) + `"}`)
}

// digestsOf digests fields.
func digestsOf(fields map[string]json.RawMessage) json.RawMessage {
	if len(fields) > maxFields {
		var all []byte
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			all = append(append(append(all, name...), 0), canonical(fields[name])...)
		}
		return wholeOf("data", all)
	}
	digests := make(map[string]string, len(fields))
	for name, value := range fields {
		digests[name] = FieldDigest(value)
	}
	return encoded(schema.Marshal(digests)) // texts only
}

// FieldDigest returns a value's digest as the data of a step has that of a field: the
// beginning of it. 64 bits are enough to notice a change.
func FieldDigest(value json.RawMessage) string {
	return strings.TrimPrefix(journal.Digest(canonical(value)), "sha256:")[:16]
}

// otherData reports whether what is recorded is about something else than what is asked
// now, and which fields say so: those that both have and that differ, or all if they
// have none in common. Fields that were added or removed say nothing, and neither does
// a step of which the one or the other is not known.
func otherData(recorded, now json.RawMessage) (fields string, other bool) {
	var was, is map[string]string
	if bytes.Equal(recorded, now) || json.Unmarshal(recorded, &was) != nil || json.Unmarshal(now, &is) != nil || len(was) == 0 || len(is) == 0 {
		return "", false
	}
	var differ []string
	common := false
	for _, name := range slices.Sorted(maps.Keys(is)) {
		before, both := was[name]
		common = common || both
		if both && before != is[name] {
			differ = append(differ, name)
		}
	}
	if !common {
		differ = append(slices.Sorted(maps.Keys(was)), slices.Sorted(maps.Keys(is))...)
	}
	return strings.Join(differ, ", "), len(differ) > 0
}
