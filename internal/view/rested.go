package view

import (
	"context"
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/notice"
)

// Rested returns a run's record as it was when an event was its last, whatever has come since,
// and that event. It is for who is told so, elsewhere: of a flow that this program does not
// have it leaves nothing of what is asked. An event that is not there is ErrNotFound.
func (v *View) Rested(ctx context.Context, id pawl.RunID, seq pawl.Seq) (pawl.RunRecord, pawl.Event, error) {
	events, err := v.journal.Read(ctx, id, 0, int(seq))
	if err != nil {
		return pawl.RunRecord{}, pawl.Event{}, err
	}
	if len(events) == 0 || events[len(events)-1].Seq != seq {
		return pawl.RunRecord{}, pawl.Event{}, &pawl.Error{Kind: pawl.ErrNotFound, Run: id, Message: fmt.Sprintf("run %s has no event %d", id, seq)}
	}
	st, err := replay.Fold(events)
	if err != nil {
		return pawl.RunRecord{}, pawl.Event{}, err
	}
	rec := v.Record(st.Record())
	if !v.Knows(rec) {
		rec.Reason = hideText(rec.Reason)
		for i, b := range rec.Blockers {
			rec.Blockers[i].Question = hideText(b.Question)
		}
	}
	return rec, events[len(events)-1], nil
}

func hideText(s string) string {
	if s == "" {
		return ""
	}
	return mask.Hidden
}

// addNotices adds to a record who was told that the run came to rest. A journal that keeps
// none has none. What nobody has told within a day is given up, also where nobody tells that
// receiver any more who could say so.
func (v *View) addNotices(ctx context.Context, rec *pawl.RunRecord) (err error) {
	if k, ok := v.journal.(notice.Keeper); ok {
		rec.Notices, err = k.Notices(ctx, rec.ID)
		for i := range rec.Notices {
			notice.GiveUp(&rec.Notices[i], time.Now())
		}
	}
	return err
}
