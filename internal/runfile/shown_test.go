package runfile

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// tellable are the fields that are told of an event which is withheld: none of them holds a
// value, or the digest of one. Texts for people are told with what is sensitive hidden.
var tellable = map[pawl.EventType]string{
	pawl.EventCreated:   "flow fingerprint model forced seed who schedule trace program version parts fallback base.run base.at base.before base.models budget step break",
	pawl.EventClaimed:   "epoch by",
	pawl.EventReleased:  "status reason wake_at",
	pawl.EventIntent:    "STEP number try of model reserve guidance",
	pawl.EventAttempt:   "STEP number outcome model usage cost_usd cache_saved_usd unmetered gates.name gates.ok FAILURE uncounted retry_at response_model advice requests most_tokens started_at",
	pawl.EventScope:     "STEP n by_id yields closed",
	pawl.EventTimer:     "STEP until fired",
	pawl.EventFailed:    "FAILURE final try",
	pawl.EventBlocker:   "STEP kind question who not_by reasons deadline raise unpriced limit.flow limit.per again try keep hint",
	pawl.EventDecision:  "STEP DECISION",
	pawl.EventReused:    "STEP from.run from.key from.usage turn FAILURE decision.DECISION decision.STEP decided_at slept_ms",
	pawl.EventOverride:  "kind who sensitive",
	pawl.EventGuidance:  "text who",
	pawl.EventDirective: "what who model text fallback default",
	pawl.EventNote:      "text stale aside no_base",
	pawl.EventDone:      "reason unused",
	pawl.EventCanceled:  "reason who",
}

// groups are fields that several bodies have.
var groups = map[string]string{
	"STEP":     "step.kind step.purpose step.source step.sensitive",
	"FAILURE":  "error.kind error.message error.hint error.step",
	"DECISION": "what who comment reason budget delivery expired waits trace",
}

func expand(names string) (all []string) {
	for _, name := range strings.Fields(names) {
		at := strings.LastIndex(name, ".") + 1
		group, is := groups[name[at:]]
		if !is {
			all = append(all, name)
			continue
		}
		for _, of := range strings.Fields(group) {
			all = append(all, name[:at]+of)
		}
	}
	return all
}

var bodies = map[pawl.EventType]any{
	pawl.EventCreated: &journal.Created{}, pawl.EventClaimed: &journal.Claimed{}, pawl.EventReleased: &journal.Released{},
	pawl.EventIntent: &journal.Intent{}, pawl.EventAttempt: &journal.Attempt{}, pawl.EventScope: &journal.Scope{},
	pawl.EventTimer: &journal.Timer{}, pawl.EventFailed: &journal.Failed{}, pawl.EventBlocker: &journal.Blocker{},
	pawl.EventDecision: &journal.Decision{}, pawl.EventReused: &journal.Reused{}, pawl.EventOverride: &journal.Override{},
	pawl.EventGuidance: &journal.Guidance{}, pawl.EventDirective: &journal.Directive{}, pawl.EventNote: &journal.Note{},
	pawl.EventDone: &journal.Done{}, pawl.EventCanceled: &journal.Canceled{},
}

// A field of a body that nobody has thought of is not told: each is on the list, or is left
// empty.
func TestShownTellsNoOtherField(t *testing.T) {
	for typ, body := range bodies {
		fill(reflect.ValueOf(body).Elem())
		raw, err := schema.Marshal(body)
		if err != nil {
			t.Fatal(typ, err)
		}
		e, err := shown(pawl.Event{Type: typ, Body: raw}, teller{line: func(s string) string { return s }})
		if err != nil {
			t.Fatal(typ, err)
		}
		var left map[string]json.RawMessage
		if err := json.Unmarshal(e.Body, &left); err != nil {
			t.Fatal(typ, err)
		}
		delete(left, "unsalted")
		may := expand(tellable[typ])
		for _, name := range named("", left) {
			if !slices.ContainsFunc(may, func(m string) bool { return name == m || strings.HasPrefix(name, m+".") }) {
				t.Errorf("%s is told of %s, and is not on the list", name, typ)
			}
		}
	}
}

// fill gives each field a value that is not empty.
func fill(v reflect.Value) {
	switch at := v.Addr().Interface().(type) {
	case *json.RawMessage:
		*at = json.RawMessage(`{"a":"b"}`)
		return
	case *pawl.Time:
		*at = pawl.Time{Time: time.Unix(1, 0).UTC()}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint64, reflect.Uint:
		v.SetUint(1)
	case reflect.Float64:
		v.SetFloat(1)
	}
}

// named returns the paths of the values in an object that are not empty.
func named(at string, object map[string]json.RawMessage) (all []string) {
	for name, raw := range object {
		var inner map[string]json.RawMessage
		var items []map[string]json.RawMessage
		switch {
		case json.Unmarshal(raw, &inner) == nil && inner != nil:
			all = append(all, named(at+name+".", inner)...)
		case json.Unmarshal(raw, &items) == nil:
			for _, item := range items {
				all = append(all, named(at+name+".", item)...)
			}
		case !slices.Contains([]string{`""`, "null", "false", "0", "[]"}, string(raw)):
			all = append(all, at+name)
		}
	}
	return all
}
