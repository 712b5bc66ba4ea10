package view

import (
	"context"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/diff"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Comparison is two runs side by side, in the form in which it is printed as JSON. Lists
// are never nil.
type Comparison struct {
	A      RunSide    `json:"a"`      // the first run
	B      RunSide    `json:"b"`      // the second run
	Setup  Difference `json:"setup"`  // flow, its fingerprint, the program's version, model, fallback, prompts, guidance
	Input  Difference `json:"input"`  // what differs between the inputs
	Output Difference `json:"output"` // what differs between the outputs
	Steps  []StepDiff `json:"steps"`  // without scopes; in the order of B, those of A alone behind what was before them there
}

// RunSide is what a comparison says of a run as a whole.
type RunSide struct {
	Run       pawl.RunID       `json:"run"`        // the run's id
	Flow      string           `json:"flow"`       // its flow
	Status    pawl.Status      `json:"status"`     // where it stands
	Reason    string           `json:"reason"`     // why it has that status; may be empty
	Who       string           `json:"who"`        // who started it; empty: not said
	Base      *pawl.RunID      `json:"base"`       // the run whose results it may reuse; null: none
	CreatedAt pawl.Time        `json:"created_at"` // when it was made
	Seconds   float64          `json:"seconds"`    // how long it was executed, in seconds
	Usage     pawl.UsageRecord `json:"usage"`      // what it took
}

// StepDiff is a step of one run beside that of the other.
type StepDiff struct {
	Key     pawl.Key   `json:"key"`     // the step's key in b, or in a where it is of that alone
	Kind    pawl.Kind  `json:"kind"`    // what sort of step it is
	Purpose string     `json:"purpose"` // why it exists, in a line
	Change  StepChange `json:"change"`  // how the two relate
	Asked   string     `json:"asked"`   // whether the two were asked the same: same, changed, or empty: not known
	A       *StepSide  `json:"a"`       // null: it is of B alone
	B       *StepSide  `json:"b"`       // null: it is of A alone
	Result  Difference `json:"result"`  // what differs between the results
	Sent    []SentDiff `json:"sent"`    // what was asked first, message by message; only where one step was asked for
}

// StepChange is how a step of a run relates to that of the other.
type StepChange string

const (
	StepSame    StepChange = "same"    // both came to the same, each for itself
	StepReused  StepChange = "reused"  // one took it over from the other, or both from a third
	StepChanged StepChange = "changed" // they came to something else, or one to nothing
	StepOnlyA   StepChange = "only_a"  // the first run alone has it
	StepOnlyB   StepChange = "only_b"  // the second run alone has it
)

// StepSide is a step as it was in one run.
type StepSide struct {
	Key        pawl.Key          `json:"key"`         // the step's key there
	Status     pawl.StepStatus   `json:"status"`      // where it stands
	Model      string            `json:"model"`       // the model that was asked last; empty: none
	Attempts   int               `json:"attempts"`    // how many it had
	Usage      *pawl.UsageRecord `json:"usage"`       // null: it made no calls of models
	Saved      *pawl.UsageRecord `json:"saved"`       // what its result took where it was taken over from; null: nothing was, or it is of code
	Seconds    float64           `json:"seconds"`     // how long it took, in seconds
	ReusedFrom *string           `json:"reused_from"` // RUN/KEY that its result was taken over from; null: it was not
	Decision   *pawl.Decision    `json:"decision"`    // the last one on it; null: there is none
	Problem    string            `json:"problem"`     // why it has no result, of one that failed
}

// SentDiff is a message of the first request of a step, in both runs.
type SentDiff struct {
	Role  llm.Role    `json:"role"`  // who speaks
	Words []diff.Hunk `json:"words"` // the text in both runs
}

// Diff compares two runs, which may be of different flows. B is the later one: what it has
// alone was added.
func (v *View) Diff(ctx context.Context, a, b pawl.RunID) (Comparison, error) {
	was, is, err := v.comparedBoth(ctx, a, b)
	if err != nil {
		return Comparison{}, err
	}
	return comparisonOf(was, is)
}

func comparisonOf(was, is *compared) (c Comparison, err error) {
	c = Comparison{A: was.side(), B: is.side(), Steps: []StepDiff{}}
	if c.Setup, err = setups(was, is); err != nil {
		return c, err
	}
	c.Input = compare(value{was.rec.Input, was.shown.Input}, value{is.rec.Input, is.shown.Input})
	c.Output = compare(value{was.rec.Output, was.shown.Output}, value{is.rec.Output, is.shown.Output})
	for _, p := range pairs(was, is) {
		c.Steps = append(c.Steps, stepDiff(was, is, p))
	}
	return c, nil
}

// DiffStep is Diff with one step alone, and what was asked in it. It has that key in B, or
// else in A. A key that neither has is ErrNotFound.
func (v *View) DiffStep(ctx context.Context, a, b pawl.RunID, key pawl.Key) (Comparison, error) {
	before, after, err := v.comparedBoth(ctx, a, b)
	if err != nil {
		return Comparison{}, err
	}
	c, err := comparisonOf(before, after)
	if err != nil {
		return c, err
	}
	i := slices.IndexFunc(c.Steps, func(s StepDiff) bool { return s.Key == key })
	if i < 0 {
		i = slices.IndexFunc(c.Steps, func(s StepDiff) bool { return s.A != nil && s.A.Key == key })
	}
	if i < 0 {
		return c, &pawl.Error{Kind: pawl.ErrNotFound, Run: b, Step: key, Message: "no such step in either run"}
	}
	c.Steps = c.Steps[i : i+1]
	s := &c.Steps[0]
	if s.A == nil || s.B == nil {
		return c, nil
	}
	was, err := v.Step(ctx, a, s.A.Key)
	if err != nil {
		return c, err
	}
	is, err := v.Step(ctx, b, s.B.Key)
	if err != nil || len(was.Requests) == 0 || len(is.Requests) == 0 {
		return c, err
	}
	for _, r := range []Request{was.Requests[0], is.Requests[0]} {
		for i := range r.Messages {
			r.Messages[i].Text = after.mask.Line(before.mask.Line(r.Messages[i].Text))
		}
	}
	s.Sent = sent(was.Requests[0].Messages, is.Requests[0].Messages)
	return c, nil
}

// sent compares messages by their places.
func sent(a, b []pawl.Message) []SentDiff {
	all := []SentDiff{}
	for i := range max(len(a), len(b)) {
		var was, is pawl.Message
		if i < len(a) {
			was = a[i]
		}
		if i < len(b) {
			is = b[i]
		}
		d := SentDiff{Role: is.Role, Words: diff.Words(was.Text, is.Text)}
		if d.Role == "" {
			d.Role = was.Role
		}
		all = append(all, d)
	}
	return all
}

// compared is a run to be compared.
type compared struct {
	rec, shown pawl.RunRecord // as it is, and as it may be shown
	mask       *mask.Mask
	state      *replay.State
	own        map[string]bool // prompts that it keeps and that are the flow's own
	seconds    float64
}

func (v *View) comparedBoth(ctx context.Context, a, b pawl.RunID) (was, is *compared, err error) {
	if was, err = v.compared(ctx, a); err == nil {
		is, err = v.compared(ctx, b)
	}
	if err == nil {
		showBoth(was, is)
	}
	return was, is, err
}

func (v *View) compared(ctx context.Context, id pawl.RunID) (*compared, error) {
	rec, err := v.engine.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	events, err := v.journal.Read(ctx, id, 0, 0)
	if err != nil {
		return nil, err
	}
	st, err := replay.Fold(events)
	if err != nil {
		return nil, err
	}
	c := &compared{rec: rec, mask: v.mask(rec), state: st, seconds: times(events).Executed.Seconds()}
	if f := v.Flow(rec.Flow); f != nil {
		c.own = ownPrompts(f, rec.Prompts)
	}
	return c, nil
}

// show says what of a run may be shown.
func (c *compared) show() { c.shown = c.mask.Record(c.rec) }

// showBoth says what of two runs may be shown. What is sensitive in one of them is not
// shown of the other either, if it is of the same flow.
func showBoth(a, b *compared) {
	if a.rec.Flow == b.rec.Flow {
		b.mask = a.mask
	}
	a.show()
	b.show()
	a.show() // now that what b hides is known
}

func (c *compared) side() RunSide {
	r := c.shown
	return RunSide{Run: r.ID, Flow: r.Flow, Status: r.Status, Reason: r.Reason, Who: r.Who, Base: r.Base, CreatedAt: r.CreatedAt, Seconds: c.seconds, Usage: r.Usage}
}

// setup is what a run was begun with beside its input.
type setup struct {
	Flow        string            `json:"flow"`
	Fingerprint string            `json:"fingerprint"`
	Version     string            `json:"version"` // of the program
	Model       string            `json:"model"`
	Fallback    []string          `json:"fallback"`
	Prompts     map[string]string `json:"prompts"` // digests of those in the place of the flow's own
	Guidance    []string          `json:"guidance"`
}

func setups(a, b *compared) (Difference, error) {
	was, err := a.setup()
	if err != nil {
		return Difference{}, err
	}
	is, err := b.setup()
	if err != nil {
		return Difference{}, err
	}
	return compare(was, is), nil
}

func (c *compared) setup() (value, error) {
	of := func(rec pawl.RunRecord) ([]byte, error) {
		s := setup{Flow: rec.Flow, Fingerprint: c.state.Created.Fingerprint, Version: c.state.Created.Version, Model: rec.Model, Fallback: rec.Fallback, Prompts: map[string]string{}, Guidance: []string{}}
		for _, p := range rec.Prompts {
			if !c.own[p.Name] {
				s.Prompts[p.Name] = p.Digest
			}
		}
		for _, g := range rec.Guidance {
			s.Guidance = append(s.Guidance, g.Text)
		}
		return schema.Marshal(s)
	}
	raw, err := of(c.rec)
	if err != nil {
		return value{}, err
	}
	shown, err := of(c.shown)
	return value{raw, shown}, err
}
