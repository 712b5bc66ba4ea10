package cli

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schema"
)

// hidden stands where a value must not be shown; package schema uses the same.
const hidden = "***"

// masker hides the sensitive values of one flow's runs. Every view of a run goes
// through one. Without a flow, nobody knows what is sensitive, and it hides all.
type masker struct {
	flow     pawl.Flow
	secrets  *strings.Replacer         // sensitive texts of the input and output
	answers  map[string]*schema.Schema // of prompts with something sensitive, by purpose
	nothing  bool                      // the flow has nothing sensitive
	unknowns bool                      // the flow is not known
}

func (a *app) masker(flow string) *masker {
	m := &masker{flow: a.flow(flow), secrets: strings.NewReplacer(), answers: map[string]*schema.Schema{}}
	if m.flow == nil {
		m.unknowns = true
		return m
	}
	info := m.flow.Describe()
	for _, p := range info.Prompts {
		if p.Answer != nil && sensitive(p.Answer.Root()) {
			m.answers[p.Purpose] = p.Answer
		}
	}
	m.nothing = len(m.answers) == 0 && !sensitive(info.Input.Root()) && !sensitive(info.Output.Root())
	return m
}

// learn remembers the sensitive values of a record, so that they are found in
// lines and answers too.
func (m *masker) learn(input, output json.RawMessage) {
	if m.nothing || m.unknowns {
		return
	}
	info := m.flow.Describe()
	texts := secretsOf(info.Input, input)
	if len(output) > 0 && string(output) != "null" {
		texts = append(texts, secretsOf(info.Output, output)...)
	}
	// The longest first: one may begin like another.
	slices.SortFunc(texts, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	var pairs []string
	for _, t := range slices.Compact(texts) {
		escaped := strings.Trim(string(quoted(t)), `"`)
		pairs = append(pairs, t, hidden, escaped, hidden)
	}
	m.secrets = strings.NewReplacer(pairs...)
}

// line returns a text as it may be shown.
func (m *masker) line(s string) string { return m.secrets.Replace(s) }

// record returns a copy of rec as it may be shown.
func (m *masker) record(rec pawl.RunRecord) pawl.RunRecord {
	if m.nothing {
		return rec
	}
	if m.unknowns {
		rec.Input, rec.Output = hide(rec.Input), hide(rec.Output)
	} else {
		m.learn(rec.Input, rec.Output)
		info := m.flow.Describe()
		rec.Input = m.json(info.Input.Mask(rec.Input))
		if string(rec.Output) != "null" && len(rec.Output) > 0 {
			rec.Output = m.json(info.Output.Mask(rec.Output))
		}
	}
	rec.Reason, rec.Error = m.line(rec.Reason), m.error(rec.Error)
	rec.Steps = slices.Clone(rec.Steps)
	for i := range rec.Steps {
		s := &rec.Steps[i]
		s.Output = m.value(s.Purpose, s.Output)
		s.Attempts = slices.Clone(s.Attempts)
		for j := range s.Attempts {
			m.attempt(s.Purpose, &s.Attempts[j])
		}
	}
	rec.Blockers = slices.Clone(rec.Blockers)
	for i := range rec.Blockers {
		b := &rec.Blockers[i]
		b.Question, b.Proposal = m.line(b.Question), m.value("", b.Proposal)
	}
	return rec
}

func (m *masker) attempt(purpose string, at *pawl.Attempt) {
	at.Error = m.error(at.Error)
	if at.Raw != nil {
		raw := m.raw(purpose, *at.Raw)
		at.Raw = &raw
	}
	at.Gates = slices.Clone(at.Gates)
	for i := range at.Gates {
		at.Gates[i].Detail = m.line(at.Gates[i].Detail)
	}
}

func (m *masker) error(e *pawl.ErrorRecord) *pawl.ErrorRecord {
	if e == nil {
		return nil
	}
	c := *e
	c.Message, c.Hint = m.line(c.Message), m.line(c.Hint)
	return &c
}

// value masks a step's value. Steps that ask a prompt have its purpose.
func (m *masker) value(purpose string, raw json.RawMessage) json.RawMessage {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return raw
	case m.unknowns:
		return hide(raw)
	}
	if s := m.answers[purpose]; s != nil {
		raw = s.Mask(raw)
	}
	return m.json(raw)
}

// json hides known secrets within raw, which has been masked by its schema. One
// that reads like JSON itself could tear raw apart; then all of it is hidden.
func (m *masker) json(raw json.RawMessage) json.RawMessage {
	shown := json.RawMessage(m.line(string(raw)))
	if !json.Valid(shown) {
		return hide(raw)
	}
	return shown
}

// raw masks an answer as it came, which need not be JSON.
func (m *masker) raw(purpose, text string) string {
	switch {
	case m.unknowns:
		return hidden
	case m.answers[purpose] != nil:
		return string(m.value(purpose, json.RawMessage(text)))
	}
	return m.line(text)
}

func hide(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 || string(raw) == "null" {
		return raw
	}
	return json.RawMessage(`"` + hidden + `"`)
}

// sensitive reports whether something below n must not be shown.
func sensitive(n *schema.Node) bool {
	if n == nil {
		return false
	}
	for _, f := range n.Fields {
		if sensitive(f.Node) {
			return true
		}
	}
	return n.Sensitive || sensitive(n.Items) || sensitive(n.Values)
}

// secretsOf returns the texts and numbers that masking removes from raw. Short
// ones are left out: they would tear holes into everything.
func secretsOf(s *schema.Schema, raw json.RawMessage) []string {
	var before, after any
	if json.Unmarshal(raw, &before) != nil || json.Unmarshal(s.Mask(raw), &after) != nil {
		return nil
	}
	var found []string
	var all func(any)
	all = func(v any) {
		switch v := v.(type) {
		case string:
			if len(v) >= 4 {
				found = append(found, v)
			}
		case []any:
			for _, e := range v {
				all(e)
			}
		case map[string]any:
			for _, e := range v {
				all(e)
			}
		}
	}
	var differ func(b, a any)
	differ = func(b, a any) {
		switch av := a.(type) {
		case string:
			if av == hidden {
				all(b)
			}
		case []any:
			bv, _ := b.([]any)
			for i := range min(len(av), len(bv)) {
				differ(bv[i], av[i])
			}
		case map[string]any:
			bv, _ := b.(map[string]any)
			for k := range av {
				differ(bv[k], av[k])
			}
		}
	}
	differ(before, after)
	return found
}
