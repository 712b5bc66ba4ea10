package exec

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// salts decides whether the events of a run get a salt: as soon as it holds sensitive
// values, and from then on. A file of the run withholds what repeats such a value, and has
// the digest of that; without a salt a short value could be guessed from it.
type salts struct {
	known bool // whether the run holds any before the batch
	holds bool
}

// salt gives the drafts of a batch their salts.
func (r *Run) salt(drafts []journal.Draft) {
	s := &r.salts
	if !s.known {
		s.known, s.holds = true, isSensitive(r.code.flow) || r.hasSensitiveStep()
	}
	for _, d := range drafts {
		s.holds = s.holds || saysSensitive(d.Body)
	}
	if !s.holds {
		return
	}
	for i := range drafts {
		drafts[i].Salt = r.deps.World.Text()
	}
}

// isSensitive reports whether a flow's input or output has sensitive fields. Of a flow
// that is not here it may.
func isSensitive(f pawl.Flow) bool {
	if f == nil {
		return true
	}
	info := f.Describe()
	holds := func(s *schema.Schema) bool { return s != nil && s.Sensitive() }
	return holds(info.Input) || holds(info.Output)
}

func (r *Run) hasSensitiveStep() bool {
	for s := range r.st.InOrder() {
		if s.Head.Sensitive {
			return true
		}
	}
	return false
}

// saysSensitive reports whether a body says that its step is sensitive.
func saysSensitive(body any) bool {
	var s *journal.Step
	switch b := body.(type) {
	case journal.Intent:
		s = &b.Step
	case journal.Reused:
		s = &b.Step
	case journal.Attempt:
		s = b.Step
	case journal.Blocker:
		s = b.Step
	case journal.Decision:
		s = b.Step
	}
	return s != nil && s.Sensitive
}
