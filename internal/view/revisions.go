package view

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schema"
)

// Revisions are the results of a run that came one after another of the same thing, in the
// form in which they are printed as JSON. Lists are never nil.
type Revisions struct {
	Run       pawl.RunID `json:"run"`       // the run's id
	Steps     []pawl.Key `json:"steps"`     // the steps that were asked for
	Revisions []Revision `json:"revisions"` // the oldest first
	Alike     []pawl.Key `json:"alike"`     // other steps that have results of the same form
}

// Revision is one of them.
type Revision struct {
	Key      pawl.Key        `json:"key"`      // the step
	Attempt  int             `json:"attempt"`  // the attempt that brought it; 0: none did, but a person or another run
	Accepted bool            `json:"accepted"` // it became the step's result
	Result   json.RawMessage `json:"result"`   // the result itself
	Why      []string        `json:"why"`      // what was wrong with it, if it was not accepted
	Since    Difference      `json:"since"`    // the one before; of the first one it is empty
}

// Revisions returns what the steps of those keys, and of the repeats of each, came to one after
// another, answers that were turned down included: draft is draft, draft#2 and so on. What
// is no key of the run may be several, with commas between them. A key that the run does
// not have is ErrNotFound. Without keys they are those that wrote something again most often,
// or none if nothing was written twice.
func (v *View) Revisions(ctx context.Context, id pawl.RunID, keys []pawl.Key) (Revisions, error) {
	c, err := v.compared(ctx, id)
	if err != nil {
		return Revisions{}, err
	}
	c.show()
	if len(keys) == 0 {
		keys = c.rewritten()
	} else {
		keys = c.apart(keys)
	}
	r := Revisions{Run: id, Steps: keys, Revisions: []Revision{}, Alike: []pawl.Key{}}
	for _, key := range keys {
		if !c.has(key) {
			return r, &pawl.Error{Kind: pawl.ErrNotFound, Run: id, Step: key, Message: fmt.Sprintf("no step %q", key)}
		}
	}
	var before value
	form := ""
	for i, s := range c.rec.Steps {
		if !slices.ContainsFunc(keys, func(key pawl.Key) bool { return isRepeat(s.Key, key) }) {
			continue
		}
		for _, at := range c.revisionsOf(i) {
			if before.raw == nil {
				at.Since = Difference{Same: true, Fields: []Field{}}
				form = formOf(at.raw)
			} else {
				at.Since = compare(before, at.value)
			}
			before = at.value
			r.Revisions = append(r.Revisions, at.Revision)
		}
	}
	r.Alike = c.alike(form, keys)
	return r, nil
}

// has reports whether the run has a step of that key.
func (c *compared) has(key pawl.Key) bool {
	return slices.ContainsFunc(c.rec.Steps, func(s pawl.StepRecord) bool { return isRepeat(s.Key, key) })
}

// apart takes at their commas apart what are no keys: a key may have some itself.
func (c *compared) apart(keys []pawl.Key) (all []pawl.Key) {
	for _, key := range keys {
		if c.has(key) {
			all = append(all, key)
			continue
		}
		for part := range strings.SplitSeq(string(key), ",") {
			all = append(all, pawl.Key(strings.TrimSpace(part)))
		}
	}
	return all
}

// isRepeat reports whether a key is that one, or that of one of its repeats.
func isRepeat(key, first pawl.Key) bool {
	rest, ok := strings.CutPrefix(string(key), string(first))
	if !ok || rest == "" {
		return ok
	}
	_, err := strconv.Atoi(strings.TrimPrefix(rest, "#"))
	return rest[0] == '#' && err == nil
}

// revised is a revision with its value as it is.
type revised struct {
	Revision
	value
}

// revisionsOf are the answers of a step that were turned down, and its result.
func (c *compared) revisionsOf(i int) (all []revised) {
	s, shown := c.rec.Steps[i], c.shown.Steps[i]
	accepted := 0
	for j, at := range s.Attempts {
		switch {
		case at.Outcome == pawl.OutcomeAccepted:
			accepted = at.Number
		case at.Raw != nil:
			is := value{answered(s, *at.Raw), answered(s, *shown.Attempts[j].Raw)}
			all = append(all, revised{Revision{Key: s.Key, Attempt: at.Number, Result: is.shown, Why: wrong(shown.Attempts[j])}, is})
		}
	}
	if is := c.result(i); len(is.raw) > 0 && string(is.raw) != "null" {
		all = append(all, revised{Revision{Key: s.Key, Attempt: accepted, Accepted: true, Result: is.shown, Why: []string{}}, is})
	}
	return all
}

// answered is an answer as a value: of a step that comes to a text it is that.
func answered(s pawl.StepRecord, raw string) json.RawMessage {
	isText := len(s.Output) > 0 && s.Output[0] == '"'
	if tree, err := schema.ReadTree([]byte(raw)); !isText && err == nil && (tree.IsObject() || tree.IsArray()) {
		return json.RawMessage(raw)
	}
	text, _ := schema.Marshal(raw) // a text always encodes
	return text
}

// wrong says what was wrong with an attempt.
func wrong(at pawl.Attempt) []string {
	why := []string{}
	for _, g := range at.Gates {
		if !g.OK {
			why = append(why, g.Name+": "+g.Detail)
		}
	}
	if at.Error != nil {
		why = append(why, at.Error.Message)
	}
	return why
}

// formOf is what two values have in common that can be revisions of each other: that they
// are texts, or the names of their members. Empty: they cannot be told.
func formOf(raw json.RawMessage) string {
	tree, err := schema.ReadTree(raw)
	if err != nil {
		return ""
	}
	if _, isText := tree.Text(); isText {
		return "text"
	}
	var names []string
	for i := range tree.Len() {
		if tree.IsObject() {
			name, _ := tree.Member(i)
			names = append(names, strconv.Quote(name))
		}
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// rewritten names the steps of one scope that have the most results of one form; of as many
// the first ones count, and a single result is none that was written again.
func (c *compared) rewritten() []pawl.Key {
	type written struct {
		keys  []pawl.Key
		times int
	}
	byForm := map[[2]string]*written{}
	most := &written{keys: []pawl.Key{}, times: 1}
	var all []*written
	for i, s := range c.rec.Steps {
		results := c.revisionsOf(i)
		if s.Kind == pawl.KindDo || s.Kind.Scope() || len(results) == 0 {
			continue
		}
		scope, name := path.Split(string(s.Key))
		first, _, _ := strings.Cut(name, "#")
		at := [2]string{scope, formOf(results[len(results)-1].raw)}
		if byForm[at] == nil {
			byForm[at] = &written{}
			all = append(all, byForm[at])
		}
		w := byForm[at]
		if key := pawl.Key(scope + first); !slices.Contains(w.keys, key) {
			w.keys = append(w.keys, key)
		}
		w.times += len(results)
	}
	for _, w := range all {
		if w.times > most.times {
			most = w
		}
	}
	return most.keys
}

// mostAlike is how many steps are named that have results of a form.
const mostAlike = 10

// alike names steps with results of a form, without their repeats and those of these keys.
func (c *compared) alike(form string, keys []pawl.Key) []pawl.Key {
	all := []pawl.Key{}
	for i, s := range c.rec.Steps {
		first, _, _ := strings.Cut(string(s.Key), "#")
		key := pawl.Key(first)
		if strings.Contains(string(s.Key[len(first):]), "/") { // a repeated scope
			key = s.Key
		}
		isListed := slices.Contains(all, key) || slices.ContainsFunc(keys, func(k pawl.Key) bool { return isRepeat(s.Key, k) })
		if form != "" && len(all) < mostAlike && !isListed && s.Kind != pawl.KindDo && formOf(c.result(i).raw) == form {
			all = append(all, key)
		}
	}
	return all
}
