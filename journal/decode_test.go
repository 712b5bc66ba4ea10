package journal

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
)

// quickBodies are new values of the types that quick reads.
func quickBodies() []any { return []any{&Attempt{}, &Intent{}, &Scope{}, &Timer{}} }

// TestQuickReadsWhatIsWritten: quick is not given up for a body that this package
// has written, but for one with an error.
func TestQuickReadsWhatIsWritten(t *testing.T) {
	for _, empty := range quickBodies() {
		full := reflect.New(reflect.TypeOf(empty).Elem())
		fill(full.Elem())
		if b, is := full.Interface().(*Attempt); is {
			b.Error = nil
		}
		for _, body := range []any{empty, full.Interface()} {
			raw, err := encode(reflect.ValueOf(body).Elem().Interface())
			if err != nil {
				t.Fatal(err)
			}
			got := reflect.New(reflect.TypeOf(body).Elem()).Interface()
			if !quick(raw, got) {
				t.Errorf("%T is not read: %s", body, raw)
			}
			sameAsJSON(t, raw, got)
		}
	}
}

// TestQuickGivesUp: what is written in another way is left to encoding/json.
func TestQuickGivesUp(t *testing.T) {
	for _, body := range []string{
		``, `{`, `{}x`, `null`, ` {}`, `{} `, `{,}`, `{"number":1,}`,
		`{"number":1,"number":2}`, `{"outcome":"failed","number":1}`, `{"Number":1}`, `{"other":1}`, `{"number": 1}`,
		`{"number":null}`, `{"number":01}`, `{"number":-1}`, `{"number":1.0}`, `{"number":1e1}`, `{"number":12345678901}`, `{"number":}`,
		`{"outcome":1}`, `{"outcome":"a}`, `{"outcome":"\x"}`, "{\"outcome\":\"a\nb\"}", `{"started_at":"yesterday"}`,
		`{"cost_usd":null}`, `{"cost_usd":01}`, `{"cost_usd":}`, `{"cost_usd":1e999}`, `{"cost_usd":"1"}`, `{"cost_usd":-}`,
		`{"result":}`, `{"result":1 }`, `{"result":tru}`, `{"result":[1}}`, `{"result":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}`,
		`{"gates":[{}{}]}`, `{"gates":[{},]}`, `{"gates":null}`, `{"gates":[`, `{"step":{"kind":"do"}`, `{"raw":null}`,
	} {
		if quick([]byte(body), &Attempt{}) {
			t.Errorf("%.100s is read", body)
		}
	}
	if quick([]byte(`{}`), &Note{}) {
		t.Error("a note is read")
	}
}

// TestDecodeUnusual: Decode reads what quick does not.
func TestDecodeUnusual(t *testing.T) {
	e := pawl.Event{Type: pawl.EventAttempt, Body: json.RawMessage(`{ "result" : [1], "Number":2, "from the future":true }`)}
	got, err := Decode[Attempt](e)
	if want := (Attempt{Number: 2, Result: json.RawMessage(`[1]`)}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	e.Body = json.RawMessage(`{"step":{"kind":"do"},"number":1,"outcome":"accepted","result":1,"started_at":7}`)
	if got, err := Decode[Attempt](e); err == nil {
		t.Errorf("%+v is read from %s", got, e.Body)
	}
}

// FuzzQuick: what quick reads, encoding/json reads as the same.
func FuzzQuick(f *testing.F) {
	for _, body := range quickBodies() {
		for range 2 {
			raw, err := json.Marshal(body)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
			fill(reflect.ValueOf(body).Elem())
		}
	}
	f.Add([]byte(`{"number":1,"outcome":"accepted","model":"offline","raw":"a\n\u00e9 é","usage":{"input_tokens":1},"gates":[{"name":"x","ok":true},{}],"retry_at":"2026-01-02T03:04:05.000Z"}`))
	f.Add([]byte(`{"number":1,"result":{"a":["}",null,1e5,"\"]"]},"started_at":"2026-01-02T03:04:05+07:00"}`))
	f.Add([]byte(`{"step":{"kind":"ask"},"number":1,"reserve":{"tokens":7,"usd":-0.5e-3},"guidance":[3,4]}`))
	f.Add([]byte(`{"number":1,"cost_usd":0.25}`))
	f.Add([]byte(`{"step":{"kind":"ask"},"number":1,"request":{"prior":{"key":"a"},"messages":["x","y"]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, got := range quickBodies() {
			if quick(raw, got) {
				sameAsJSON(t, raw, got)
			}
		}
	})
}

func sameAsJSON(t *testing.T, raw []byte, got any) {
	t.Helper()
	want := reflect.New(reflect.TypeOf(got).Elem()).Interface()
	if err := json.Unmarshal(raw, want); err != nil {
		t.Fatalf("encoding/json does not read %q as %T: %v", raw, got, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q as %T:\n%s", raw, got, cmp.Diff(want, got))
	}
}
