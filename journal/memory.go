package journal

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cost"
	"github.com/pawlrun/pawl/journal/internal/refusal"
	"github.com/pawlrun/pawl/limit"
	"github.com/pawlrun/pawl/notice"
	"github.com/pawlrun/pawl/schedule"
)

// Memory keeps everything in memory: the reference for other journals, and
// enough for tests. All claims belong to this process, so a run that is claimed
// is held until it is released, taken or the journal is closed. Nothing in it
// waits for anything but other callers, so it works in a synctest bubble.
type Memory struct {
	// Now is the clock that dates claimed events; nil means time.Now. It is to
	// be set before the first call.
	Now func() time.Time

	mu        sync.Mutex // guards all below
	runs      map[pawl.RunID]*memoryRun
	order     []*memoryRun // as created
	feed      []memoryPlaced
	places    int64 // that were given
	blobs     map[string][]byte
	offered   Offer               // see Queue
	commands  []memoryCommand     // by number, from 1
	open      []memoryOpen        // blockers, in the order in which they were opened
	schedules []schedule.Schedule // by name
	limits    limit.Tallies
	costs     cost.Book
	numbered  int64 // how many runs there have been
	receivers []*memoryReceiver
	notices   []*memoryNotice // in the order in which they were owed
	mark      Mark
	changed   chan struct{} // closed and replaced at each commit
	closed    bool
}

// memoryRun is a run with its events. Events are only ever appended.
type memoryRun struct {
	NewRun
	n       int64 // which run it is, of all that there have been
	events  []pawl.Event
	results map[pawl.Key]bool
	last    Claim // as it was behind the last event
	held    bool

	reserved []limit.Reservation // of limits, for calls in flight

	imported bool // and nothing more happens to it
	placed   int  // events that have their place, see Memory.placed
}

var (
	_ Journal  = (*Memory)(nil)
	_ Queue    = (*Memory)(nil)
	_ Remover  = (*Memory)(nil)
	_ Importer = (*Memory)(nil)
	_ Feed     = (*Memory)(nil)

	_ schedule.Keeper = (*Memory)(nil)
	_ limit.Keeper    = (*Memory)(nil)
	_ cost.Keeper     = (*Memory)(nil)
	_ notice.Keeper   = (*Memory)(nil)
)

// NewMemory returns an empty journal.
func NewMemory() *Memory {
	return &Memory{
		runs:    map[pawl.RunID]*memoryRun{},
		blobs:   map[string][]byte{},
		mark:    1,
		changed: make(chan struct{}),
	}
}

// holding calls f with mu held, for one operation.
func holding[T any](ctx context.Context, m *Memory, operation string, f func() (T, error)) (result T, err error) {
	if err := ctx.Err(); err != nil {
		return result, refusal.Ended(operation, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return result, refusal.Closed()
	}
	return f()
}

// changing is holding for an operation that changes something, unless f fails.
func changing[T any](ctx context.Context, m *Memory, operation string, f func() (T, error)) (T, error) {
	return holding(ctx, m, operation, func() (T, error) {
		result, err := f()
		if err == nil {
			m.commit()
		}
		return result, err
	})
}

// change is changing for an operation that says nothing else.
func (m *Memory) change(ctx context.Context, operation string, f func() error) error {
	_, err := changing(ctx, m, operation, func() (struct{}, error) { return struct{}{}, f() })
	return err
}

func (m *Memory) now() pawl.Time {
	if m.Now != nil {
		return pawl.At(m.Now())
	}
	return pawl.At(time.Now())
}

// Create implements Journal.
func (m *Memory) Create(ctx context.Context, run NewRun, first []Draft) (*Claim, error) {
	switch {
	case run.ID == "":
		return nil, refusal.NoID()
	case len(first) == 0 || first[0].Type != pawl.EventCreated:
		return nil, refusal.NotCreated(run.ID)
	}
	digests, err := Batch{Blobs: run.Blobs}.Digests()
	if err != nil {
		return nil, err
	}
	return changing(ctx, m, fmt.Sprintf("create run %q", run.ID), func() (*Claim, error) {
		if m.runs[run.ID] != nil {
			return nil, refusal.Exists(run.ID)
		}
		r := &memoryRun{NewRun: run, n: m.numbered + 1, results: map[pawl.Key]bool{}, held: !run.Queued, last: Claim{Run: run.ID}}
		if r.held {
			r.last.Epoch = 1
			first = slices.Concat(first, []Draft{m.claimed(1)})
		}
		if _, err := m.append(r, first); err != nil {
			return nil, err
		}
		m.keep(digests, run.Blobs)
		r.NewRun.Blobs = nil
		m.runs[run.ID] = r
		m.order = append(m.order, r)
		m.numbered++
		m.project(r, first)
		if !r.held {
			return nil, nil
		}
		return new(r.last), nil
	})
}

// Claim implements Journal.
func (m *Memory) Claim(ctx context.Context, id pawl.RunID, take bool) (*Claim, error) {
	return changing(ctx, m, fmt.Sprintf("claim run %q", id), func() (*Claim, error) {
		r := m.runs[id]
		switch {
		case r == nil:
			return nil, refusal.NotFound(id)
		case r.imported:
			return nil, refusal.Imported(id)
		case r.held && !take:
			return nil, refusal.Held(id, holder(), ErrHeld)
		}
		r.last.Epoch++
		if _, err := m.append(r, []Draft{m.claimed(r.last.Epoch)}); err != nil {
			return nil, err
		}
		r.held = true
		m.lose(r)
		return new(r.last), nil
	})
}

// Append implements Journal.
func (m *Memory) Append(ctx context.Context, c *Claim, b Batch) ([]pawl.Event, error) {
	digests, err := b.Digests()
	if err != nil {
		return nil, err
	}
	return changing(ctx, m, fmt.Sprintf("append to run %q", c.Run), func() ([]pawl.Event, error) {
		r := m.runs[c.Run]
		switch {
		case r == nil:
			return nil, refusal.NotFound(c.Run)
		case !r.held || c.Epoch != r.last.Epoch || c.Seq != r.last.Seq || c.Hash != r.last.Hash:
			return nil, refusal.Lost(c.Run, ErrLost)
		}
		if err := m.checkHandled(r, b.Handled); err != nil {
			return nil, err
		}
		limits, left := m.settled(r, b.Ended)
		limits, reserved, err := limits.Reserve(r.ID, r.Flow, b.Calls, m.now())
		if err != nil {
			return nil, err
		}
		events, err := m.append(r, b.Drafts)
		if err != nil {
			return nil, err
		}
		m.limits, r.reserved = limits, append(left, reserved...)
		if b.Release {
			m.lose(r)
		}
		for _, h := range b.Handled {
			p := &m.commands[h.Command-1]
			p.handled, p.refused = true, h.Refused.clone()
		}
		m.project(r, b.Drafts)
		m.keep(digests, b.Blobs)
		if b.Summary != nil {
			r.Summary = *b.Summary
		}
		if b.Rest != "" {
			m.owe(r, b.Rest)
		}
		r.held = !b.Release
		if b.Model != "" {
			r.Model = b.Model
		}
		*c = r.last
		return copyEvents(events), nil
	})
}

// keep stores blobs under their digests. It is called with mu held.
func (m *Memory) keep(digests []string, blobs [][]byte) {
	for i, d := range digests {
		if m.blobs[d] == nil {
			m.blobs[d] = append([]byte{}, blobs[i]...)
		}
	}
}

// append seals drafts behind a run's last event, all of them or none.
func (m *Memory) append(r *memoryRun, drafts []Draft) ([]pawl.Event, error) {
	events, last, err := Seal(r.last, drafts)
	if err != nil {
		return nil, err
	}
	results := map[pawl.Key]bool{} // as the drafts leave them
	for _, d := range drafts {
		has, drafted := results[d.Key]
		if !drafted {
			has = r.results[d.Key]
		}
		if d.Voids {
			has, results[d.Key] = false, false
		}
		if !d.Result {
			continue
		}
		if has {
			return nil, refusal.Second(r.ID, d.Key)
		}
		results[d.Key] = true
	}
	maps.Copy(r.results, results)
	r.events = append(r.events, events...)
	r.last = last
	m.count(r, events, drafts)
	m.placed(r)
	return events, nil
}

// Release implements Journal.
func (m *Memory) Release(ctx context.Context, c *Claim) error {
	return m.change(ctx, fmt.Sprintf("release run %q", c.Run), func() error {
		r := m.runs[c.Run]
		if r == nil {
			return refusal.NotFound(c.Run)
		}
		if r.held && r.last.Epoch == c.Epoch {
			r.held = false
			m.lose(r)
		}
		return nil
	})
}

// Read implements Journal.
func (m *Memory) Read(ctx context.Context, id pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error) {
	return holding(ctx, m, fmt.Sprintf("read run %q", id), func() ([]pawl.Event, error) {
		r := m.runs[id]
		if r == nil {
			return nil, refusal.NotFound(id)
		}
		events := r.events[min(max(after, 0), pawl.Seq(len(r.events))):]
		if limit > 0 && limit < len(events) {
			events = events[:limit]
		}
		return copyEvents(events), nil
	})
}

// Runs implements Journal.
func (m *Memory) Runs(ctx context.Context, f pawl.RunFilter) ([]Row, error) {
	return holding(ctx, m, "list runs", func() ([]Row, error) {
		rows := []Row{}
		for _, r := range slices.Backward(m.order) {
			if !m.passes(r, f) {
				continue
			}
			row := r.row()
			row.SupersededBy = m.supersededBy(r)
			rows = append(rows, row)
			if len(rows) == f.Limit {
				break
			}
		}
		return rows, nil
	})
}

func (r *memoryRun) row() Row {
	row := Row{
		ID: r.ID, Flow: r.Flow, Model: r.Model, Summary: r.Summary,
		Program: r.Program, Base: r.Base, Schedule: r.Schedule,
		CreatedAt: r.events[0].At, UpdatedAt: r.last.At, LastSeq: r.last.Seq, LastHash: r.last.Hash, Imported: r.imported,
		Held: r.held,
	}
	if r.held {
		row.Holder = holder()
	}
	return row
}

// Offer implements Queue.
func (m *Memory) Offer(ctx context.Context, o Offer) error {
	return m.change(ctx, "offer to take up runs", func() error {
		m.offered = Offer{Process: holder(), Program: o.Program, Flows: slices.Clone(o.Flows), Builds: slices.Clone(o.Builds), Left: maps.Clone(o.Left)}
		return nil
	})
}

// Offers implements Queue.
func (m *Memory) Offers(ctx context.Context) ([]Offer, error) {
	return holding(ctx, m, "list offers", func() ([]Offer, error) {
		if len(m.offered.Flows) == 0 {
			return []Offer{}, nil
		}
		return []Offer{m.offered}, nil
	})
}

// Idle implements Queue.
func (m *Memory) Idle(ctx context.Context, flows []string, limit int) ([]Row, error) {
	return holding(ctx, m, "list idle runs", func() ([]Row, error) {
		rows := []Row{}
		for _, r := range m.order {
			if r.held || r.imported || !slices.Contains(flows, r.Flow) || !r.Summary.Idle(m.now()) && (r.Summary.Ended() || !m.pending(r)) {
				continue
			}
			if rows = append(rows, r.row()); len(rows) == limit {
				break
			}
		}
		return rows, nil
	})
}

// Changes implements Journal.
func (m *Memory) Changes(ctx context.Context, mark Mark) (Mark, error) {
	for {
		now := mark
		changed, err := holding(ctx, m, "wait for a change", func() (<-chan struct{}, error) {
			now = m.mark
			return m.changed, nil
		})
		if err != nil || now != mark {
			return now, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// Blob implements Blobs.
func (m *Memory) Blob(ctx context.Context, digest string) ([]byte, error) {
	return holding(ctx, m, fmt.Sprintf("read blob %q", digest), func() ([]byte, error) {
		data, ok := m.blobs[digest]
		if !ok {
			return nil, refusal.NoBlob(digest)
		}
		return bytes.Clone(data), nil
	})
}

// Close implements Journal.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.closed {
		m.closed = true
		close(m.changed)
	}
	return nil
}

// commit wakes those who wait for a change; m.mu is held.
func (m *Memory) commit() {
	m.mark++
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *Memory) claimed(epoch int64) Draft {
	return Draft{Type: pawl.EventClaimed, At: m.now(), Body: Claimed{Epoch: epoch, By: holder()}}
}

func holder() string { return fmt.Sprintf("process %d", os.Getpid()) }

func copyEvents(events []pawl.Event) []pawl.Event {
	out := slices.Clone(events)
	for i := range out {
		out[i].Body = bytes.Clone(out[i].Body)
	}
	return out
}
