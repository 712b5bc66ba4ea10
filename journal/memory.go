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
	_ Blobs    = (*Memory)(nil)
	_ Queue    = (*Memory)(nil)
	_ Commands = (*Memory)(nil)
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

// begin locks m for one operation. If it returns nil the caller unlocks.
func (m *Memory) begin(ctx context.Context, operation string) error {
	if err := ctx.Err(); err != nil {
		return refusal.Ended(operation, err)
	}
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return refusal.Closed()
	}
	return nil
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
	if err := m.begin(ctx, fmt.Sprintf("create run %q", run.ID)); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	if m.runs[run.ID] != nil {
		return nil, refusal.Exists(run.ID)
	}
	r := &memoryRun{NewRun: run, results: map[pawl.Key]bool{}, held: !run.Queued, last: Claim{Run: run.ID}}
	if r.held {
		r.last.Epoch = 1
		first = slices.Concat(first, []Draft{m.claimed(1)})
	}
	events, err := r.append(first)
	if err != nil {
		return nil, err
	}
	m.keep(digests, run.Blobs)
	r.NewRun.Blobs = nil
	m.runs[run.ID] = r
	m.order = append(m.order, r)
	m.numbered++
	r.n = m.numbered
	m.count(r, events, first)
	m.placed(r)
	m.project(r, first)
	m.commit()
	if !r.held {
		return nil, nil
	}
	c := r.last
	return &c, nil
}

// Claim implements Journal.
func (m *Memory) Claim(ctx context.Context, id pawl.RunID, take bool) (*Claim, error) {
	if err := m.begin(ctx, fmt.Sprintf("claim run %q", id)); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
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
	claimed := []Draft{m.claimed(r.last.Epoch)}
	events, err := r.append(claimed)
	if err != nil {
		return nil, err
	}
	m.count(r, events, claimed)
	r.held = true
	m.lose(r)
	m.placed(r)
	m.commit()
	c := r.last
	return &c, nil
}

// Append implements Journal.
func (m *Memory) Append(ctx context.Context, c *Claim, b Batch) ([]pawl.Event, error) {
	digests, err := b.Digests()
	if err != nil {
		return nil, err
	}
	if err := m.begin(ctx, fmt.Sprintf("append to run %q", c.Run)); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
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
	events, err := r.append(b.Drafts)
	if err != nil {
		return nil, err
	}
	m.limits, r.reserved = limits, append(left, reserved...)
	m.count(r, events, b.Drafts)
	if b.Release {
		m.lose(r)
	}
	m.placed(r)
	m.handle(b.Handled)
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
	m.commit()
	*c = r.last
	return copyEvents(events), nil
}

// keep stores blobs under their digests. It is called with mu held.
func (m *Memory) keep(digests []string, blobs [][]byte) {
	for i, d := range digests {
		if m.blobs[d] == nil {
			m.blobs[d] = append([]byte{}, blobs[i]...)
		}
	}
}

// append seals drafts behind the run's last event, all of them or none.
func (r *memoryRun) append(drafts []Draft) ([]pawl.Event, error) {
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
	return events, nil
}

// Release implements Journal.
func (m *Memory) Release(ctx context.Context, c *Claim) error {
	if err := m.begin(ctx, fmt.Sprintf("release run %q", c.Run)); err != nil {
		return err
	}
	defer m.mu.Unlock()
	r := m.runs[c.Run]
	if r == nil {
		return refusal.NotFound(c.Run)
	}
	if r.held && r.last.Epoch == c.Epoch {
		r.held = false
		m.lose(r)
		m.commit()
	}
	return nil
}

// Read implements Journal.
func (m *Memory) Read(ctx context.Context, id pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error) {
	if err := m.begin(ctx, fmt.Sprintf("read run %q", id)); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	r := m.runs[id]
	if r == nil {
		return nil, refusal.NotFound(id)
	}
	events := r.events[min(max(after, 0), pawl.Seq(len(r.events))):]
	if limit > 0 && limit < len(events) {
		events = events[:limit]
	}
	return copyEvents(events), nil
}

// Runs implements Journal.
func (m *Memory) Runs(ctx context.Context, f pawl.RunFilter) ([]Row, error) {
	if err := m.begin(ctx, "list runs"); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
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
	if err := m.begin(ctx, "offer to take up runs"); err != nil {
		return err
	}
	defer m.mu.Unlock()
	m.offered = Offer{Process: holder(), Program: o.Program, Flows: slices.Clone(o.Flows), Builds: slices.Clone(o.Builds), Left: maps.Clone(o.Left)}
	m.commit()
	return nil
}

// Offers implements Queue.
func (m *Memory) Offers(ctx context.Context) ([]Offer, error) {
	if err := m.begin(ctx, "list offers"); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	if len(m.offered.Flows) == 0 {
		return []Offer{}, nil
	}
	return []Offer{m.offered}, nil
}

// Idle implements Queue.
func (m *Memory) Idle(ctx context.Context, flows []string, limit int) ([]Row, error) {
	if err := m.begin(ctx, "list idle runs"); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
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
}

// Changes implements Journal.
func (m *Memory) Changes(ctx context.Context, mark Mark) (Mark, error) {
	for {
		if err := m.begin(ctx, "wait for a change"); err != nil {
			return mark, err
		}
		now, changed := m.mark, m.changed
		m.mu.Unlock()
		if now != mark {
			return now, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// Blob implements Blobs.
func (m *Memory) Blob(ctx context.Context, digest string) ([]byte, error) {
	if err := m.begin(ctx, fmt.Sprintf("read blob %q", digest)); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	data, ok := m.blobs[digest]
	if !ok {
		return nil, refusal.NoBlob(digest)
	}
	return bytes.Clone(data), nil
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
