// Package mask hides sensitive values in what people and programs are shown.
//
// A [Mask] belongs to one flow's runs; every view of a run (records, events,
// lines, lists) goes through one. Fields that are marked sensitive become "***", a
// step whose answer has such a field shows none of it, and the sensitive texts
// of a run's input and output are hidden wherever else they appear.
//
//	m := mask.Of(flow)
//	rec = m.Record(rec)
//
// The journal itself keeps the values: a flow needs them to go on. Short texts and
// numbers, of less than four bytes, and true and false are not looked for elsewhere; they
// would tear holes into everything. A number is looked for as it is written. While an
// output with sensitive fields is not known, no answer of a step is shown.
package mask

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schema"
)

// Hidden stands where a value must not be shown.
const Hidden = schema.Hidden

// Mask hides the sensitive values of one flow's runs. It is not for concurrent
// use.
type Mask struct {
	info    *pawl.FlowInfo    // nil: the flow is not known, and all values are hidden
	learned []string          // sensitive texts of the input, the output and steps
	pairs   []string          // those texts as they may stand somewhere, each with what hides it
	secrets *strings.Replacer // hides them
	numbers map[string]bool   // sensitive numbers of the same, as they are written
	open    bool              // the output has sensitive texts that are not known yet
	has     bool              // a step has come to something, which prompts may repeat
	steps   map[pawl.Key]bool // whose answers Event must not show
	early   []pawl.StepRecord // events that Event has met before their step was known
}

// Of returns the mask of a flow's runs. Without a flow, nil, nobody knows what
// is sensitive, and the mask hides all values.
func Of(f pawl.Flow) *Mask {
	m := &Mask{secrets: strings.NewReplacer()}
	if f != nil {
		info := f.Describe()
		m.info, m.open = &info, info.Output.Sensitive()
	}
	return m
}

// Open returns a mask that hides no more than what it is told of later: of what was
// written to be shown.
func Open() *Mask {
	plain, err := schema.For[bool]()
	if err != nil {
		panic(err) // nothing is plainer
	}
	return &Mask{secrets: strings.NewReplacer(), info: &pawl.FlowInfo{Input: plain, Output: plain}}
}

// Knows reports whether the mask has met anything sensitive, or will.
func (m *Mask) Knows() bool { return m.Needs() || len(m.learned)+len(m.numbers)+len(m.steps) > 0 }

// LacksOutput reports whether the output has something to hide and is not known yet: any
// text may have it then.
func (m *Mask) LacksOutput() bool { return m.open }

// LearnValues remembers all texts and numbers in values as sensitive.
func (m *Mask) LearnValues(values ...json.RawMessage) {
	for _, v := range values {
		m.remember(schema.Texts(v))
		m.learnNumbers(schema.Numbers(v))
	}
}

// Needs reports whether a run's input or output has something to hide.
func (m *Mask) Needs() bool {
	return m.info == nil || m.info.Input.Sensitive() || m.info.Output.Sensitive()
}

// Learn remembers the sensitive texts of a run's input and output, so that they
// are found in lines and answers too.
func (m *Mask) Learn(input, output json.RawMessage) {
	if m.info == nil || !m.Needs() {
		return
	}
	m.open = m.info.Output.Sensitive() && empty(output)
	m.remember(append(m.info.Input.Secrets(input), m.info.Output.Secrets(output)...))
	m.learnNumbers(append(m.info.Input.SecretNumbers(input), m.info.Output.SecretNumbers(output)...))
}

// LearnStep remembers all texts in steps' answers if they are sensitive, those
// that were turned down too, so that they are found in complaints about them and
// where the flow has passed them on to.
func (m *Mask) LearnStep(steps ...pawl.StepRecord) {
	var texts []string
	for _, s := range steps {
		m.has = m.has || !empty(s.Output) || slices.ContainsFunc(s.Attempts, func(at pawl.Attempt) bool { return at.Raw != nil })
		if !s.Sensitive {
			continue
		}
		m.hideStep(s.Key)
		answers := []json.RawMessage{s.Output, s.Proposal}
		if s.Kind == pawl.KindApprove { // who decided and when is no secret
			var v pawl.Approval[json.RawMessage]
			if json.Unmarshal(s.Output, &v) == nil {
				answers[0] = v.Value
			}
		}
		for _, at := range s.Attempts {
			if at.Raw != nil {
				answers = append(answers, json.RawMessage(*at.Raw))
			}
		}
		for _, raw := range answers {
			texts = append(texts, schema.Texts(raw)...) // what is no JSON has no texts to tell apart
			m.learnNumbers(schema.Numbers(raw))
		}
	}
	if len(texts) > 0 {
		m.remember(texts)
	}
}

// learnProposals remembers all texts in proposals and decided values that are
// sensitive.
func (m *Mask) learnProposals(rec pawl.RunRecord) {
	for _, b := range rec.Blockers {
		if b.Sensitive {
			m.LearnStep(pawl.StepRecord{Key: b.Key, Sensitive: true, Output: b.Proposal})
		}
	}
	for _, d := range rec.Decisions {
		if m.steps[d.Key] {
			m.LearnStep(pawl.StepRecord{Key: d.Key, Sensitive: true, Output: d.Value})
		}
	}
}

// minLine is how many bytes a line of a text has at least that is hidden on its own, as
// where code has quoted or indented the text.
const minLine = 16

// linesOf returns the lines of texts that have several, without the space around them.
func linesOf(texts []string) (lines []string) {
	for _, t := range texts {
		if !strings.Contains(t, "\n") {
			continue
		}
		for line := range strings.Lines(t) {
			if line = strings.TrimSpace(line); len(line) >= minLine {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// remember takes texts for secrets, and their lines. Short ones are left out: they would
// tear holes into everything.
func (m *Mask) remember(more []string) {
	more = append(more, linesOf(more)...)
	texts := append(m.learned, slices.DeleteFunc(more, func(t string) bool { return len(t) < 4 })...)
	// The longest first: one may begin like another.
	slices.SortFunc(texts, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	m.learned, m.pairs = slices.Compact(texts), nil
	for _, t := range m.learned {
		quoted, _ := schema.Marshal(t)
		escaped := strings.TrimSuffix(strings.TrimPrefix(string(quoted), `"`), `"`)
		m.pairs = append(m.pairs, t, Hidden, escaped, Hidden)
	}
	m.secrets = strings.NewReplacer(m.pairs...)
}

// Line returns a text as it may be shown.
func (m *Mask) Line(s string) string { return m.hideNumbers(m.secrets.Replace(s)) }

// Record returns a copy of rec as it may be shown, and learns from it.
func (m *Mask) Record(rec pawl.RunRecord) pawl.RunRecord {
	m.Learn(rec.Input, rec.Output)
	m.LearnStep(rec.Steps...)
	m.learnProposals(rec)
	if m.info == nil {
		rec.Input, rec.Output = hide(rec.Input), hide(rec.Output)
	} else {
		rec.Input, rec.Output = m.field(m.info.Input, rec.Input), m.field(m.info.Output, rec.Output)
	}
	rec.Reason, rec.Error = m.Line(rec.Reason), m.error(rec.Error)
	rec.Steps = slices.Clone(rec.Steps)
	for i := range rec.Steps {
		m.step(&rec.Steps[i])
	}
	rec.Blockers = slices.Clone(rec.Blockers)
	for i := range rec.Blockers {
		b := &rec.Blockers[i]
		b.Question, b.Proposal, b.Request = m.Line(b.Question), m.value(b.Sensitive || m.info == nil, b.Proposal), m.Request(b.Request)
	}
	rec.Decisions = slices.Clone(rec.Decisions)
	for i, d := range rec.Decisions {
		// An event for a step that the flow has not come to may be anything.
		early := d.Delivery != "" && !slices.ContainsFunc(rec.Steps, func(s pawl.StepRecord) bool { return s.Key == d.Key })
		rec.Decisions[i] = m.Decision(d, early || m.steps[d.Key])
	}
	rec.Guidance = slices.Clone(rec.Guidance)
	for i := range rec.Guidance {
		rec.Guidance[i].Text = m.guidance(rec.Guidance[i].Text)
	}
	return rec
}

// Decision returns a decision as it may be shown; all says that its value must not
// be.
func (m *Mask) Decision(d pawl.Decision, all bool) pawl.Decision {
	d.Comment, d.Value = m.Line(d.Comment), m.value(all || m.info == nil, d.Value)
	return d
}

func (m *Mask) step(s *pawl.StepRecord) {
	all := s.Sensitive || m.info == nil || m.open
	s.Output, s.Purpose = m.value(all, s.Output), m.Line(s.Purpose)
	s.Attempts = slices.Clone(s.Attempts)
	for i := range s.Attempts {
		at := &s.Attempts[i]
		at.Error = m.error(at.Error)
		if at.Raw != nil {
			raw := Hidden
			if !all {
				raw = m.Line(*at.Raw)
			}
			at.Raw = &raw
		}
		at.Guidance = slices.Clone(at.Guidance)
		for j := range at.Guidance {
			at.Guidance[j] = m.guidance(at.Guidance[j])
		}
		at.Gates = slices.Clone(at.Gates)
		for j := range at.Gates {
			at.Gates[j].Detail = m.Line(at.Gates[j].Detail)
		}
	}
}

// guidance may repeat whatever its author knows.
func (m *Mask) guidance(text string) string {
	if m.info == nil {
		return Hidden
	}
	return m.Line(text)
}

func (m *Mask) error(e *pawl.ErrorRecord) *pawl.ErrorRecord {
	if e == nil {
		return nil
	}
	c := *e
	c.Message, c.Hint = m.Line(c.Message), m.Line(c.Hint)
	return &c
}

// field masks a value by its schema.
func (m *Mask) field(s *schema.Schema, raw json.RawMessage) json.RawMessage {
	if empty(raw) {
		return raw
	}
	if s.Sensitive() {
		raw = s.Mask(raw)
	}
	return m.value(false, raw)
}

// value hides known secrets within raw, or all of it. A secret that reads like
// JSON itself could tear raw apart; then all of it is hidden.
func (m *Mask) value(all bool, raw json.RawMessage) json.RawMessage {
	if all {
		return hide(raw)
	}
	shown := json.RawMessage(m.Line(string(raw)))
	if !empty(raw) && !json.Valid(shown) {
		return hide(raw)
	}
	return shown
}

func empty(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

func hide(raw json.RawMessage) json.RawMessage {
	if empty(raw) {
		return raw
	}
	return json.RawMessage(`"` + Hidden + `"`)
}
