package runfile

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schema"
)

// redactions are what somebody wants left out: the results of steps, the input or the
// output, whole, and what quotes them.
//
// One is written KEY or KEY:PATH. KEY is a step's key, in which * stands for any part of
// a name or an item, as in sections[*]/write; the key of a scope means all in it. It may
// also be input or output, which are the run's. With a PATH into the value, as in
// input:customer.name, the whole is left out all the same, and what quotes the value at
// the path; without one, what quotes any text in it.
type redactions struct {
	steps         map[pawl.Key]bool
	input, output bool
	values        []json.RawMessage
}

// redact reads redactions of a run. One that names nothing is ErrInput.
func redact(rec pawl.RunRecord, all []string) (redactions, error) {
	r := redactions{steps: map[pawl.Key]bool{}}
	for _, text := range all {
		key, at, _ := strings.Cut(text, ":")
		if _, err := path.Match(key, ""); err != nil {
			return r, refuse("cannot leave out %q: it is no key of a step", text)
		}
		found := false
		leave := func(values ...json.RawMessage) {
			for _, v := range values {
				if v = part(v, at); v != nil {
					found = true
					r.values = append(r.values, v)
				}
			}
		}
		switch key {
		case "input":
			r.input = true
			leave(rec.Input)
		case "output":
			r.output = true
			leave(rec.Output)
		}
		for _, s := range rec.Steps {
			if !isNamed(key, s.Key) {
				continue
			}
			r.steps[s.Key] = true
			found = found || at == ""
			leave(s.Output, s.Proposal)
		}
		if !found {
			return r, refuse("cannot leave out %q: the run has no such value%s", text, nearest(key, rec))
		}
	}
	return r, nil
}

// isNamed reports whether a key, or a scope around it, is named by a pattern.
func isNamed(pattern string, key pawl.Key) bool {
	literal := strings.NewReplacer("[", `\[`, "]", `\]`, "?", `\?`).Replace(pattern)
	rest := string(key)
	for {
		if ok, _ := path.Match(literal, rest); ok {
			return true
		}
		i := strings.LastIndexAny(rest, "/[")
		if i <= 0 {
			return false
		}
		rest = rest[:i]
	}
}

func nearest(key string, rec pawl.RunRecord) string {
	var keys []string
	for _, s := range rec.Steps {
		keys = append(keys, string(s.Key))
	}
	if near := schema.Nearest(key, keys); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// part returns what stands at a path in a value; nil: nothing.
func part(raw json.RawMessage, at string) json.RawMessage {
	for _, name := range strings.FieldsFunc(at, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		var members map[string]json.RawMessage
		var items []json.RawMessage
		switch i, err := strconv.Atoi(name); {
		case json.Unmarshal(raw, &members) == nil:
			raw = members[name]
		case json.Unmarshal(raw, &items) == nil && err == nil && 0 <= i && i < len(items):
			raw = items[i]
		default:
			return nil
		}
	}
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	return raw
}

// hides reports whether an event has what is to be left out as its value.
func (r redactions) hides(e pawl.Event) bool {
	switch e.Type {
	case pawl.EventCreated:
		return r.input
	case pawl.EventDone:
		return r.output
	case pawl.EventAttempt, pawl.EventBlocker, pawl.EventDecision, pawl.EventReused, pawl.EventOverride:
		return r.steps[e.Key]
	}
	return false
}

// behind returns the steps that begin behind the first event which has what is to be left
// out as its value, and of which something is not withheld, in order.
func (r redactions) behind(was, left []pawl.Event) (keys []pawl.Key) {
	first := slices.IndexFunc(was, r.hides)
	if first < 0 {
		return nil
	}
	known := map[pawl.Key]bool{"": true}
	for _, e := range left[:first] {
		known[e.Key] = true
	}
	known[was[first].Key] = true
	for _, e := range left[first:] {
		if !known[e.Key] && e.BodyDigest == "" && e.Type != pawl.EventScope && e.Type != pawl.EventTimer {
			known[e.Key] = true
			keys = append(keys, e.Key)
		}
	}
	return keys
}
