package replay

import (
	"fmt"

	"github.com/pawlrun/pawl"
)

// Barren returns why a run that was claimed to go on is not executed; nil: it is. The
// processes that had it before ended, so many in a row that nothing came of it: it may be
// the run that ends them, by a fatal error or by the memory it takes, and whoever takes up
// runs would not survive it either. A person who resumes it has it tried again.
func (st *State) Barren() *pawl.Error {
	if died := st.barren - 1; died >= MaxUnknown {
		return &pawl.Error{Kind: pawl.ErrUnknown, Run: st.Run,
			Message: fmt.Sprintf("the process that executed the run ended before anything came of it, %d times in a row", died),
			Hint:    "see what those processes said last, it may be the flow's code that ends them; resume to execute it again"}
	}
	return nil
}
