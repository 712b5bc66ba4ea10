package journal

import (
	"cmp"
	"context"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/internal/refusal"
	"github.com/pawlrun/pawl/notice"
)

// memoryReceiver is a receiver, and how it stands with it.
type memoryReceiver struct {
	notice.Receiver
	seen, trouble pawl.Time
	problem       string
}

// memoryNotice is a notice of a run to a receiver.
type memoryNotice struct {
	notice.Notice
	run    *memoryRun
	to     *memoryReceiver
	status pawl.Status
}

// owe stores that all receivers of the run are owed a notice of its last event.
func (m *Memory) owe(r *memoryRun, rests pawl.Status) {
	for _, to := range m.receivers {
		if to.seen.After(r.last.At.Add(-notice.Day)) && (to.Program == "" || r.Program == "" || r.Program == to.Program) {
			n := notice.Notice{Run: r.ID, Seq: r.last.Seq, Receiver: to.ID, Rested: r.last.At, Due: r.last.At}
			m.notices = append(m.notices, &memoryNotice{n, r, to, rests})
		}
	}
}

// KeepReceiver implements notice.Keeper.
func (m *Memory) KeepReceiver(ctx context.Context, r notice.Receiver, at pawl.Time) error {
	return m.change(ctx, "keep receiver", func() error {
		to := m.receiver(r.ID)
		if to == nil {
			to = &memoryReceiver{Receiver: r}
			m.receivers = append(m.receivers, to)
		}
		to.Address = r.Address
		if at.After(to.seen.Time) {
			to.seen = at
		}
		return nil
	})
}

// receiver returns the receiver of that id, nil if there is none.
func (m *Memory) receiver(id string) *memoryReceiver {
	for _, to := range m.receivers {
		if to.ID == id {
			return to
		}
	}
	return nil
}

// NoteTrouble implements notice.Keeper.
func (m *Memory) NoteTrouble(ctx context.Context, receiver string, since pawl.Time, problem string) error {
	return m.change(ctx, "note trouble with receiver", func() error {
		if to := m.receiver(receiver); to != nil {
			if since.IsZero() || to.trouble.IsZero() {
				to.trouble = since
			}
			to.problem = problem
		}
		return nil
	})
}

// TakeNotices implements notice.Keeper.
func (m *Memory) TakeNotices(ctx context.Context, receiver string, now, until pawl.Time, limit int) ([]notice.Notice, error) {
	return holding(ctx, m, "take notices", func() (taken []notice.Notice, err error) {
		var due []*memoryNotice
		for _, n := range m.notices {
			if n.Receiver == receiver && !n.Due.IsZero() && !n.Due.After(now.Time) {
				due = append(due, n)
			}
		}
		slices.SortStableFunc(due, func(a, b *memoryNotice) int { return a.Due.Compare(b.Due.Time) })
		for _, n := range due[:min(len(due), limit)] {
			n.Due = until
			taken = append(taken, n.Notice)
		}
		if len(taken) > 0 {
			m.commit()
		}
		return taken, nil
	})
}

// SettleNotice implements notice.Keeper.
func (m *Memory) SettleNotice(ctx context.Context, n notice.Notice, taken pawl.Time) error {
	return m.change(ctx, "settle notice", func() error {
		for _, is := range m.notices {
			if is.Run != n.Run || is.Seq != n.Seq || is.Receiver != n.Receiver {
				continue
			}
			if !is.Due.Equal(taken.Time) {
				return refusal.NoticeTaken(n.Run)
			}
			is.Notice = n
			return nil
		}
		return refusal.NoNotice(n.Run)
	})
}

// Notices implements notice.Keeper.
func (m *Memory) Notices(ctx context.Context, run pawl.RunID) ([]pawl.Notice, error) {
	return holding(ctx, m, "list notices", func() ([]pawl.Notice, error) {
		list := []pawl.Notice{}
		for _, n := range m.notices { // in this order they were owed
			if n.Run != run {
				continue
			}
			shown := pawl.Notice{
				ID: notice.ID(n.Run, n.Seq, n.run.events[n.Seq-1].Hash), To: n.to.Address, Status: n.status, At: n.Rested,
				ToldAt: timeOrNull(n.Told), GaveUpAt: timeOrNull(n.GaveUp), Tries: n.Tries, Since: timeOrNull(n.Since), Problem: n.Problem,
			}
			if !n.Due.IsZero() && n.Since.IsZero() {
				shown.Since = timeOrNull(n.to.trouble)
			}
			if !n.Due.IsZero() {
				shown.Problem = cmp.Or(n.Problem, n.to.problem)
			}
			list = append(list, shown)
		}
		return list, nil
	})
}

func timeOrNull(t pawl.Time) *pawl.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
