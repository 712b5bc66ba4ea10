package replay

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
)

// maxFields is how many fields of a value are told apart. More are one field.
const maxFields = 64

// StepData returns short digests of what a step is about, by the name of the field;
// nil: that is not known. Of an ask it is the data that fills its prompt, of a do its
// input. How a question is put, the schema and the settings are in none of it: they
// are the form, and only part of the digest of the request.
func StepData(s host.Step) map[string]string {
	switch {
	case s.Do != nil:
		return digestsOf(parts("input", s.Do.Input))
	case s.Ask.Data != nil:
		return digestsOf(s.Ask.Data())
	}
	return nil
}

// WaitData is StepData for a wait: what is proposed, or shown for an input, or else the
// question, which is all that is shown then. A sleep is about nothing.
func WaitData(w host.Wait) map[string]string {
	switch w.Kind {
	case pawl.KindApprove:
		return digestsOf(parts("proposal", w.Proposal))
	case pawl.KindInput:
		if w.Proposal != nil {
			return digestsOf(parts("shown", w.Proposal))
		}
		return digestsOf(map[string]json.RawMessage{"question": json.RawMessage(w.Question)})
	}
	return nil
}

// parts returns the fields of a JSON object, or the whole as one.
func parts(whole string, raw json.RawMessage) map[string]json.RawMessage {
	var object map[string]json.RawMessage
	if len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &object) != nil || len(object) == 0 || len(object) > maxFields {
		return map[string]json.RawMessage{whole: raw}
	}
	return object
}

// digestsOf digests fields. 64 bits are enough to notice a change.
func digestsOf(fields map[string]json.RawMessage) map[string]string {
	if len(fields) > maxFields {
		var all []byte
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			all = append(append(append(all, name...), 0), canonical(fields[name])...)
		}
		fields = map[string]json.RawMessage{"data": all}
	}
	digests := make(map[string]string, len(fields))
	for name, value := range fields {
		digests[name] = strings.TrimPrefix(journal.Digest(canonical(value)), "sha256:")[:16]
	}
	return digests
}

// otherData reports whether what is recorded is about something else than what is asked
// now, and which fields say so: those that both have and that differ, or all if they
// have none in common. Fields that were added or removed say nothing, and neither does
// a step of which the one or the other is not known.
func otherData(recorded, now map[string]string) (fields string, other bool) {
	if len(recorded) == 0 || len(now) == 0 {
		return "", false
	}
	var differ []string
	common := false
	for _, name := range slices.Sorted(maps.Keys(now)) {
		was, both := recorded[name]
		common = common || both
		if both && was != now[name] {
			differ = append(differ, name)
		}
	}
	if !common {
		differ = append(slices.Sorted(maps.Keys(recorded)), slices.Sorted(maps.Keys(now))...)
	}
	return strings.Join(differ, ", "), len(differ) > 0
}
