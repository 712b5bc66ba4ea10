package mask_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
)

// TestEveryTypeOfEvent: of a sensitive step no type of event shows a value, and what was
// seen there is hidden in all that come later. A type that is not in this table fails.
func TestEveryTypeOfEvent(t *testing.T) {
	const step = `"step":{"kind":"ask","sensitive":true}`
	hidden := map[pawl.EventType]string{ // with SECRET wherever such an event may have one
		pawl.EventCreated:   `{"input":{"token":"SECRET"}}`,
		pawl.EventClaimed:   `{"owner":"SECRET"}`,
		pawl.EventReleased:  `{"reason":"of SECRET"}`,
		pawl.EventIntent:    `{` + step + `,"guidance":["SECRET"]}`,
		pawl.EventAttempt:   `{` + step + `,"raw":"SECRET","result":"SECRET","gates":[{"detail":"SECRET is wrong"}]}`,
		pawl.EventReused:    `{` + step + `,"result":{"pin":"SECRET"},"decision":{"what":"supply","value":"SECRET","comment":"as SECRET"},"error":{"message":"SECRET"}}`,
		pawl.EventOverride:  `{"kind":"ask","value":{"pin":"SECRET"},"who":"eve","sensitive":true}`,
		pawl.EventScope:     `{"data":"SECRET"}`,
		pawl.EventBlocker:   `{` + step + `,"proposal":"SECRET","question":"SECRET?"}`,
		pawl.EventDecision:  `{` + step + `,"value":"SECRET","comment":"SECRET"}`,
		pawl.EventGuidance:  `{"text":"SECRET"}`,
		pawl.EventDirective: `{"text":"SECRET"}`,
		pawl.EventTimer:     `{"text":"SECRET"}`,
		pawl.EventNote:      `{"text":"SECRET"}`,
		pawl.EventFailed:    `{"message":"SECRET is wrong"}`,
		pawl.EventDone:      `{"output":"SECRET"}`,
		pawl.EventCanceled:  `{"reason":"SECRET"}`,
	}
	for _, typ := range eventTypes(t) {
		body, ok := hidden[typ]
		if !ok {
			t.Errorf("nobody has said what a %s event shows", typ)
			continue
		}
		delete(hidden, typ)
		m := mask.Of(flow)
		m.Learn([]byte(`{"token":"hush-1"}`), nil)
		m.Event(pawl.Event{Type: pawl.EventIntent, Key: "a", Body: []byte(`{` + step + `}`)})
		m.Event(pawl.Event{Type: pawl.EventAttempt, Key: "a", Body: []byte(`{"raw":"{}","result":"hush-2"}`)})
		for _, secret := range []string{"hush-1", "hush-2"} {
			shown := string(m.Event(pawl.Event{Type: typ, Key: "b", Body: []byte(strings.ReplaceAll(body, "SECRET", secret))}).Body)
			if strings.Contains(shown, secret) || shown == `"***"` {
				t.Errorf("a %s event of what is known shows %s", typ, shown)
			}
		}
		if !strings.Contains(body, `"sensitive":true`) {
			continue
		}
		m = mask.Of(flow)
		m.Learn([]byte(`{"token":"hush-1"}`), nil)
		m.Event(pawl.Event{Type: typ, Key: "b", Body: []byte(strings.ReplaceAll(body, "SECRET", "hush-3"))})
		if typ == pawl.EventIntent {
			continue // has no value
		}
		if shown := string(m.Event(pawl.Event{Type: pawl.EventNote, Body: []byte(`{"text":"it is hush-3"}`)}).Body); strings.Contains(shown, "hush-3") {
			t.Errorf("after the first %s event a note shows %s", typ, shown)
		}
	}
	if len(hidden) > 0 {
		t.Errorf("there is no type %v", slices.Collect(maps.Keys(hidden)))
	}
	m := mask.Of(pawl.New("plain", "Has none.", func(*pawl.Run, nothing) (int, error) { return 0, nil }))
	if shown := m.Event(pawl.Event{Type: "novel", Body: []byte(`{"value":"x"}`)}); string(shown.Body) != `"***"` {
		t.Errorf("an event of a type that is not known shows %s", shown.Body)
	}
}

// eventTypes are the constants of that type.
func eventTypes(t *testing.T) (all []pawl.EventType) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := v.Type.(*ast.Ident); ok && name.Name == "EventType" {
			s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, pawl.EventType(s))
		}
		return false
	})
	if len(all) < 17 {
		t.Fatalf("found %v alone", all)
	}
	return all
}

// TestReusedApproval: who decided a carried approval, and when, is no secret.
func TestReusedApproval(t *testing.T) {
	m := mask.Of(flow)
	m.Event(pawl.Event{Type: pawl.EventReused, Key: "ok", Body: []byte(`{"step":{"kind":"approve","sensitive":true},"result":{"approved":true,"who":"anna","value":{"pin":"4711-x"}},"decision":{"what":"approve","who":"anna"}}`)})
	if got := string(m.Event(pawl.Event{Type: pawl.EventNote, Body: []byte(`{"text":"anna likes 4711-x"}`)}).Body); got != `{"text":"anna likes ***"}` {
		t.Errorf("got %s", got)
	}
}

// TestOverrideOfOpenStep: a result that is set is no secret where its step is none, and is
// hidden once the step turns out to be sensitive.
func TestOverrideOfOpenStep(t *testing.T) {
	m := mask.Of(pawl.New("plain", "Has none.", func(*pawl.Run, nothing) (int, error) { return 0, nil }))
	show := func(typ pawl.EventType, body string) string {
		return string(m.Event(pawl.Event{Type: typ, Key: "a", Body: []byte(body)}).Body)
	}
	if got := show(pawl.EventOverride, `{"kind":"ask","value":"walrus","who":"eve"}`); got != `{"kind":"ask","value":"walrus","who":"eve"}` {
		t.Errorf("got %s", got)
	}
	show(pawl.EventDecision, `{"step":{"sensitive":true},"value":"penguin"}`)
	if got := show(pawl.EventFailed, `{"message":"neither walrus nor penguin"}`); got != `{"message":"neither *** nor ***"}` {
		t.Errorf("got %s", got)
	}
}
