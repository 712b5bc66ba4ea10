package temporal

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl/internal/replay"
)

// perTask is how many bytes are stored before Temporal is given a moment to take them: the
// commands of one task together may have 4 MiB.
const perTask = 2 << 20

// save keeps a commit of the run in the workflow's history. When that is replayed, what was
// kept must be what the code writes again: Temporal itself compares no contents.
func (x *execution) save(e entry, size int) {
	raw, _, err := pack(e)
	x.must(err)
	x.room(x.ctx, size)
	var kept rawValue
	x.quiet.Store(workflow.IsReplaying(x.ctx))
	x.must(workflow.SideEffect(x.ctx, func(workflow.Context) any { return raw }).Get(&kept))
	var was struct {
		Events []struct {
			Seq  int64  `json:"seq"`
			Hash string `json:"hash"`
		} `json:"events"`
	}
	if workflow.IsReplaying(x.ctx) {
		x.must(unpack(kept, &was))
		if n := len(was.Events); n != len(e.Events) || n > 0 && was.Events[n-1].Hash != e.Events[n-1].Hash {
			panic(fmt.Sprintf("run %s is not repeated as it was executed: its events up to %d differ from those in the workflow's history. Another build of the program, or flow code that a replay does not repeat? Resume the run to have this build take it over", x.st.Run, x.st.Seq))
		}
	}
	if x.current != nil && !x.closing && x.isLong() {
		x.closing = true
		x.current.CloseGate() // what is in flight ends; the next execution goes on
	}
}

// room waits until Temporal has taken what was stored, if so many bytes more would be too many
// for one task, and counts them. It may be called on any of the workflow's goroutines.
func (x *execution) room(ctx workflow.Context, n int) {
	if x.opts.blobs != nil {
		n = min(n, inline)
	}
	for x.stored > 0 && x.stored+n > perTask {
		if x.resting {
			x.must(workflow.Await(ctx, func() bool { return !x.resting }))
			continue
		}
		x.resting = true
		x.must(workflow.Sleep(ctx, 1))
		x.stored, x.resting = 0, false
	}
	x.stored += n
}

// list says in the workflow's memo how the run stands, and in its attributes.
func (x *execution) list() {
	says := x.ledger.row(x.st)
	raw, err := x.opts.keys.memo(says)
	x.must(err)
	x.must(workflow.UpsertMemo(x.ctx, map[string]any{memoKey: raw}))
	if x.attributed {
		x.must(workflow.UpsertTypedSearchAttributes(x.ctx, says.attributes()...))
	}
}

// row is the run as it is listed.
func (l *ledger) row(st *replay.State) listed {
	row := (&kept{run: l.run, events: l.events, summary: l.summary}).row()
	row.Held = l.held
	return listedOf(row, len(st.Blockers()), searchText(l.events[0]))
}
