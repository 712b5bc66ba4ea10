package exec

import (
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
)

// Record has a run that nobody executes, and that was claimed for it, take a decision for
// whoever goes on with it: one that flow code must see waits until that asks. Nothing of
// the run executes, and it is given back. It is called in place of Execute.
func (r *Run) Record(c Command) error {
	phase, d := r.phase, *c.Stored.Decision
	err := r.record(c, d)
	if r.phase = phase; err == nil { // it is others who go on with it
		r.decided = fmt.Sprintf("%s by %s", d.What, d.Who)
		if c.needsCode {
			r.decided = fmt.Sprintf("%s: decided by %s, waits to be asked", d.Key, d.Who)
		}
	}
	r.code.wanted, r.batch.after = false, nil
	return errors.Join(err, r.rest())
}

func (r *Run) record(c Command, d pawl.Decision) error {
	if !c.needsCode {
		return c.apply(r)
	}
	b, err := r.st.Decidable(d)
	if err != nil {
		return err
	}
	return r.keepDecision(d, b)
}
