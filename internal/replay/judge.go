package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/schema"
)

// Judgement is what the gates say of one result.
type Judgement struct {
	Value json.RawMessage // the value as the flow will see it, defaults filled in
	Gates []pawl.GateResult
	Bug   *pawl.Error // a gate panicked: the author's mistake, no answer can mend it
}

// Accepted reports whether every gate passed.
func (v Judgement) Accepted() bool {
	return v.Bug == nil && !slices.ContainsFunc(v.Gates, func(g pawl.GateResult) bool { return !g.OK })
}

// SchemaGate is the name under which the check of type and schema is reported.
const SchemaGate = "schema"

// JudgeText judges a model's answer: first that it has the schema, if there is
// one, then every gate.
func JudgeText(s host.Step, text string) Judgement {
	if s.Ask.Schema == nil {
		return JudgeValue(s, encoded(schema.Marshal(text)))
	}
	value, err := s.Ask.Schema.Check([]byte(text))
	if err != nil {
		return Judgement{Gates: []pawl.GateResult{{Name: SchemaGate, Detail: err.Error()}}}
	}
	v := JudgeValue(s, value)
	v.Gates = append([]pawl.GateResult{{Name: SchemaGate, OK: true}}, v.Gates...)
	return v
}

// JudgeValue judges a value that has its schema: every gate runs and says what
// is wrong.
func JudgeValue(s host.Step, value json.RawMessage) Judgement {
	v := Judgement{Value: value}
	c := &host.Candidate{JSON: value}
	for _, g := range s.Gates {
		err, bug := check(g, c)
		r := pawl.GateResult{Name: g.Name, OK: err == nil}
		if err != nil {
			r.Detail = err.Error()
		}
		if bug && v.Bug == nil {
			v.Bug = &pawl.Error{Kind: pawl.ErrFlow, Message: fmt.Sprintf("gate %q: %s", g.Name, r.Detail), Hint: "mend the gate, then resume"}
		}
		v.Gates = append(v.Gates, r)
	}
	return v
}

// GateNames names the gates of a step, for a request's Meta.
func GateNames(s host.Step) []string {
	names := make([]string, len(s.Gates))
	for i, g := range s.Gates {
		names[i] = g.Name
	}
	return names
}

// check runs one gate. A panic, and an error that cannot be asked, are reported as an
// error and a bug.
func check(g host.Gate, c *host.Candidate) (err error, bug bool) {
	defer func() {
		if p := recover(); p != nil {
			err, bug = errors.New("panicked: "+host.PanicText(p)), true
		}
	}()
	err, sound := host.Sound(g.Check(c))
	if !sound {
		err = fmt.Errorf("returned %w", err)
	}
	return err, !sound
}

// IsText is a gate that lets texts through.
func IsText(c *host.Candidate) error {
	var s string
	if json.Unmarshal(c.JSON, &s) != nil {
		return fmt.Errorf("is not a text; wants a JSON string")
	}
	return nil
}
