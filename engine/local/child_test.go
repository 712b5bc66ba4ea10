package local_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/disktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/llm"
)

// orders are what the test binary does as a child: execute a random program on
// SQLite, and at the n-th time that it comes to a point, die there, or meet a
// disk that fails from then on.
type orders struct {
	Dir   string
	Calls string // the file that gets a line for each call
	Seed  uint64 // of the program
	Evict bool   // at every wait
	Point string // see points and faults; empty: none
	N     int
}

// point is a place where a process can die, and how often a program that makes a
// hundred events comes there, about.
type point struct {
	name string
	per  int // a hundred events
	at   func(disktest.Op) bool
	torn bool // half of the write happens first
	then bool // the operation happens first
}

func on(k disktest.Kind, f disktest.File) func(disktest.Op) bool {
	return func(op disktest.Op) bool { return op.Kind == k && op.File == f }
}

// points are the named stops. SQLite writes its log when it commits and not
// before, and the database when it checkpoints and not before; "commit" is a
// call of the journal by the engine.
var points = []point{
	{name: "any time"},
	{name: "before commit", per: 60},
	{name: "after commit", per: 60},
	{name: "before log write", per: 900, at: on(disktest.Write, disktest.Log)},
	{name: "in log write", per: 900, at: on(disktest.Write, disktest.Log), torn: true},
	{name: "after log write", per: 900, at: on(disktest.Write, disktest.Log), then: true},
	{name: "before log sync", per: 60, at: on(disktest.Sync, disktest.Log)},
	{name: "after log sync", per: 60, at: on(disktest.Sync, disktest.Log), then: true},
	{name: "before checkpoint write", per: 250, at: on(disktest.Write, disktest.Database)},
	{name: "in checkpoint write", per: 250, at: on(disktest.Write, disktest.Database), torn: true},
	{name: "before checkpoint sync", per: 20, at: on(disktest.Sync, disktest.Database)},
	{name: "after checkpoint sync", per: 20, at: on(disktest.Sync, disktest.Database), then: true},
	{name: "before log truncate", per: 5, at: on(disktest.Truncate, disktest.Log)},
}

// faults are what a disk does from the n-th operation on.
var faults = map[string]struct {
	at   func(disktest.Op) bool
	per  int
	code int
	says string // in the reason why the run stopped
}{
	"full":       {on(disktest.Write, disktest.Log), 900, disktest.Full, "is full"},
	"read-only":  {on(disktest.Write, disktest.Log), 900, disktest.ReadOnly, "readonly"},
	"unwritable": {on(disktest.Write, disktest.Log), 900, disktest.WriteError, "disk I/O error"},
	"unsynced":   {on(disktest.Sync, disktest.Log), 60, disktest.SyncError, "disk I/O error"},
}

const runEnded, runStopped, childBroken = 0, 7, 8 // exit codes

func child(text string) int {
	var o orders
	err := json.Unmarshal([]byte(text), &o)
	if err == nil {
		err = o.execute(context.Background())
	}
	var e *pawl.Error
	switch {
	case err == nil:
		return runEnded
	case errors.As(err, &e) && e.Kind == pawl.ErrStorage:
		fmt.Fprintln(os.Stderr, e.Message)
		return runStopped
	}
	fmt.Fprintln(os.Stderr, err)
	return childBroken
}

// kill ends this process as power does.
func kill() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {} // it takes effect elsewhere
}

// install prepares what is to happen.
func (o orders) install() (commit func(after bool)) {
	var n, commits atomic.Int64
	commit = func(bool) {}
	fault, failing := faults[o.Point]
	disktest.Install(func(op disktest.Op) disktest.Verdict {
		if failing && fault.at(op) && n.Add(1) >= int64(o.N) {
			return disktest.Verdict{Code: fault.code}
		}
		for _, p := range points {
			if p.name != o.Point || p.at == nil || !p.at(op) || n.Add(1) != int64(o.N) {
				continue
			}
			if p.torn || p.then {
				return disktest.Verdict{Torn: p.torn, After: kill}
			}
			kill()
		}
		return disktest.Verdict{}
	})
	switch o.Point {
	case "any time":
		time.AfterFunc(time.Duration(o.N)*time.Microsecond, kill)
	case "before commit", "after commit":
		commit = func(after bool) {
			if after == (o.Point == "after commit") && commits.Add(1) == int64(o.N) {
				kill()
			}
		}
	}
	return commit
}

// named is a journal whose commits are points, and whose log is checkpointed
// beside them.
type named struct {
	*sqlite.DB
	commit     func(after bool)
	checkpoint chan struct{}
}

func (j *named) Create(ctx context.Context, run journal.NewRun, first []journal.Draft) (*journal.Claim, error) {
	j.commit(false)
	defer j.commit(true)
	return j.DB.Create(ctx, run, first)
}

func (j *named) Claim(ctx context.Context, id pawl.RunID, take bool) (*journal.Claim, error) {
	j.commit(false)
	defer j.commit(true)
	return j.DB.Claim(ctx, id, take)
}

func (j *named) Append(ctx context.Context, c *journal.Claim, b journal.Batch) ([]pawl.Event, error) {
	j.commit(false)
	defer j.commit(true)
	select {
	case j.checkpoint <- struct{}{}:
	default: // one is under way
	}
	return j.DB.Append(ctx, c, b)
}

// checkpoints copies the log to the database again and again, as the writer does
// for larger ones. What goes wrong is the writer's to meet.
func checkpoints(ctx context.Context, dir string, when <-chan struct{}) error {
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlite.FileName))
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for range when {
		db.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	}
	return nil
}

func (o orders) execute(ctx context.Context) (err error) {
	commit := o.install()
	calls, err := os.OpenFile(o.Calls, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer calls.Close()
	db, err := sqlite.Open(ctx, o.Dir, nil)
	if err != nil {
		return err
	}
	j := &named{DB: db, commit: commit, checkpoint: make(chan struct{})}
	checkpointed := make(chan error, 1)
	go func() { checkpointed <- checkpoints(ctx, o.Dir, j.checkpoint) }()

	w := o.world()
	w.called = func(key string) {
		if _, err := calls.WriteString(key + "\n"); err != nil {
			panic(err)
		}
	}
	err = w.follow(ctx, j, o.run(), o.program())
	close(j.checkpoint)
	if e := <-checkpointed; err == nil {
		err = e
	}
	if e := db.Close(); err == nil {
		err = e
	}
	return err
}

func (o orders) run() pawl.RunID { return pawl.RunIDOf("killed", fmt.Sprint(o.Seed)) }

func (o orders) program() program {
	return randomProgram(rand.New(rand.NewPCG(o.Seed, 0)), 2)
}

func (o orders) world() *world {
	w := newWorld(0)
	w.brisk = true
	if o.Evict {
		w.evict = -1
	}
	return w
}

// follow starts the run, or goes on with it, until it rests.
func (w *world) follow(ctx context.Context, j journal.Journal, id pawl.RunID, p program) (err error) {
	f := w.flow(p)
	e := local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": w}, Model: "test/one", Flows: []pawl.Flow{f}, Evict: w.evict})
	defer func() {
		if closed := e.Close(ctx); err == nil {
			err = closed
		}
	}()
	rows, err := j.Runs(ctx, pawl.RunFilter{Prefix: id})
	switch {
	case err != nil:
		return err
	case len(rows) == 0:
		_, err = e.Start(ctx, f, json.RawMessage(`{}`), &pawl.StartOptions{ID: id})
	case rows[0].Summary.Status == pawl.StatusDone:
		return nil
	default:
		err = e.Direct(ctx, id, pawl.Directive{What: pawl.DirectResume, Who: "test"})
	}
	if err != nil {
		return err
	}
	for {
		var last pawl.Event
		for ev, err := range e.Events(ctx, id, 0) {
			if err != nil {
				return err
			}
			last = ev
		}
		rec, err := e.Get(ctx, id)
		switch {
		case err != nil:
			return err
		case rec.Status == pawl.StatusRunning && rec.LastSeq > last.Seq: // it was waiting, and its time has come since
			continue
		case !asksSomebody(rec):
			return nil
		}
		if err := w.deliver(ctx, e); err != nil {
			return err
		}
		if err := answer(ctx, e, rec); err != nil {
			return err
		}
	}
}

// deliver delivers the events whose addresses are known, awaited or not.
func (w *world) deliver(ctx context.Context, e *local.Engine) error {
	w.mu.Lock()
	addresses := slices.Clone(w.addresses)
	w.mu.Unlock()
	for _, address := range addresses {
		var to journal.Callback
		to.Read(address)
		if err := e.Deliver(ctx, address, "even", eventOf(to.Key)); err != nil && !errors.Is(err, pawl.ErrConflict) {
			return err
		}
	}
	return nil
}

// answer decides what a run asks, and waits for a deadline if that is all.
func answer(ctx context.Context, e *local.Engine, rec pawl.RunRecord) error {
	for _, b := range rec.Blockers {
		d, ok := answerTo(b)
		if !ok {
			continue
		}
		err := e.Decide(ctx, rec.ID, d)
		if b.Kind == pawl.BlockerEvent && errors.Is(err, pawl.ErrConflict) {
			err = nil // it was delivered
		}
		return err
	}
	for ev, err := range e.Events(ctx, rec.ID, rec.LastSeq+1) { // of the next execution
		_ = ev
		return err
	}
	return nil
}
