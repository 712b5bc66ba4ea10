package replay_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/schema"
)

type scored struct {
	Text  string  `json:"text" jsonschema:"some text"`
	Score float64 `json:"score" pawl:"min=0,max=1,default=0.5"`
}

func schemaOf[T any](t testing.TB) *schema.Schema {
	t.Helper()
	s, err := schema.For[T]()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestJudge(t *testing.T) {
	s := schemaOf[scored](t)
	var ran []string
	gate := func(name string, err error) host.Gate {
		return host.Gate{Name: name, Check: func(*host.Candidate) error { ran = append(ran, name); return err }}
	}
	boom := host.Gate{Name: "boom", Check: func(*host.Candidate) error { panic("at sea") }}
	no, never := errors.New("is dull"), errors.New("is late")
	good := pawl.GateResult{Name: "schema", OK: true}
	for _, c := range []struct {
		name   string
		schema *schema.Schema
		gates  []host.Gate
		text   string
		value  string // empty: none
		want   []pawl.GateResult
		ok     bool
		bug    bool
	}{
		{name: "accepted, defaults filled in", schema: s, text: `{"text":"x"}`, value: `{"text":"x","score":0.5}`, want: []pawl.GateResult{good}, ok: true},
		{name: "text", text: "a <b>\n", value: `"a <b>\n"`, ok: true},
		{name: "empty text", text: "", value: `""`, ok: true},
		{name: "text with a gate", text: "x", gates: []host.Gate{gate("a", no)}, value: `"x"`, want: []pawl.GateResult{{Name: "a", Detail: "is dull"}}},
		{name: "every gate runs", schema: s, text: `{"text":"x","score":1}`, gates: []host.Gate{gate("a", no), gate("b", nil), gate("c", never)}, value: `{"text":"x","score":1}`,
			want: []pawl.GateResult{good, {Name: "a", Detail: "is dull"}, {Name: "b", OK: true}, {Name: "c", Detail: "is late"}}},
		{name: "schema stops the others", schema: s, text: `{"text":"x","score":7.5}`, gates: []host.Gate{gate("a", no), boom}, want: []pawl.GateResult{{Name: "schema"}}},
		{name: "no JSON", schema: s, text: `Sure! {"text":`, want: []pawl.GateResult{{Name: "schema"}}},
		{name: "nothing", schema: s, text: ``, want: []pawl.GateResult{{Name: "schema"}}},
		{name: "invalid UTF-8", schema: s, text: "{\"text\":\"\xff\"}", want: []pawl.GateResult{{Name: "schema"}}},
		{name: "a gate panics", text: "x", gates: []host.Gate{gate("a", nil), boom, gate("c", no)}, value: `"x"`, bug: true,
			want: []pawl.GateResult{{Name: "a", OK: true}, {Name: "boom", Detail: "panicked: at sea"}, {Name: "c", Detail: "is dull"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ran = nil
			v := replay.JudgeText(host.Step{Name: "x", Ask: &host.AskStep{Schema: c.schema}, Gates: c.gates}, c.text)
			if string(v.Value) != c.value || v.Accepted() != c.ok || (v.Bug != nil) != c.bug {
				t.Errorf("got %s, accepted %t, bug %v", v.Value, v.Accepted(), v.Bug)
			}
			for i, g := range v.Gates { // what a schema says is its own affair
				if g.Name == "schema" && !g.OK {
					if g.Detail == "" {
						t.Error("the schema's complaint is empty")
					}
					v.Gates[i].Detail = ""
				}
			}
			if d := cmp.Diff(c.want, v.Gates); d != "" {
				t.Error(d)
			}
			if len(c.want) > 0 && c.want[0] == (pawl.GateResult{Name: "schema"}) && len(ran) > 0 {
				t.Errorf("gates ran on what has no schema: %s", ran)
			}
			if c.bug && (v.Bug.Kind != pawl.ErrFlow || !strings.Contains(v.Bug.Message, `gate "boom"`)) {
				t.Errorf("got %+v", v.Bug)
			}
		})
	}
}

func TestJudgeInvalidText(t *testing.T) {
	v := replay.JudgeText(host.Step{Ask: &host.AskStep{}}, "a\xffb")
	var s string
	if err := json.Unmarshal(v.Value, &s); err != nil || s != "a\ufffdb" || !v.Accepted() {
		t.Errorf("got %q, %v", s, err)
	}
}

func TestJudgeValueOfDo(t *testing.T) {
	v := replay.JudgeValue(host.Step{Do: &host.DoStep{}}, json.RawMessage(`5`))
	if !v.Accepted() || string(v.Value) != "5" || v.Gates != nil {
		t.Errorf("got %+v", v)
	}
}
