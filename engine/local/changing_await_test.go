package local_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
)

// when is before or after a change.
type when int

const (
	neverComes when = iota
	comesBefore
	comesAfter
	comesLate // never, and before the change it has expired
)

// awaited are the changes around an event of the step paid, which is 7.
var awaited = []struct {
	change
	comes when
}{
	{change{"An Await is inserted before finished steps", inTurn("a"), func(r *pawl.Run) { pawl.Await[int](r, "paid"); ask(r, "a") }, "",
		"done: a, paid"}, comesAfter},
	{change{"An Await that has its event is removed", paid[int]("paid"), inTurn("a"), "",
		"done: a, paid unused; asked a"}, comesBefore},
	{change{"An Await that is open is removed", paid[int]("paid"), inTurn("a"), "",
		"done: a, paid; asked a"}, neverComes},
	{change{"An Await that has its event is renamed", paid[int]("paid"), paid[int]("money"), "",
		"waiting: money, paid"}, comesBefore},
	{change{"An Await that is open is renamed", paid[int]("paid"), paid[int]("money"), "",
		"waiting: money, paid"}, comesAfter},
	{change{"An Await that is open is renamed with pawl.Was", paid[int]("paid"), paid[int]("money", pawl.Was("paid")), "",
		"done: paid"}, comesAfter},
	{change{"The type of an Await that has its event changes, and the event does not fit it", paid[int]("paid"), paid[string]("paid"), "",
		"failed at paid as mismatch: paid"}, comesBefore},
	{change{"The type of an Await that has its event changes, and the event fits it", paid[int]("paid"), paid[float64]("paid"), "",
		"done: paid stale"}, comesBefore},
	{change{"The type of an Await that is open changes", paid[int]("paid"), paid[string]("paid"), "",
		"waiting: paid"}, comesAfter},
	{change{"A TryAwait that has expired becomes an Await", triesPaid, paid[int]("paid"), "",
		"failed at paid as mismatch: paid"}, comesLate},
}

// paid awaits an event.
func paid[T any](name string, opts ...pawl.AwaitOption) func(*pawl.Run) {
	return func(r *pawl.Run) { pawl.Await[T](r, name, opts...) }
}

func triesPaid(r *pawl.Run) { _, _ = pawl.TryAwait[int](r, "paid", pawl.For(time.Hour)) }

// pays delivers the event of the step paid, if it is taken.
func pays(t *testing.T, e *local.Engine, j journal.Journal, id pawl.RunID) {
	t.Helper()
	err := e.Deliver(t.Context(), addressOf(t, j, id, "paid"), "1", json.RawMessage(`7`))
	if err != nil && !errors.Is(err, pawl.ErrInput) {
		t.Fatal(err)
	}
}

// addressOf is where events for a step are delivered.
func addressOf(t *testing.T, j journal.Journal, id pawl.RunID, key pawl.Key) string {
	t.Helper()
	return callbackOf(t, j, journal.Callback{Run: id, Key: key})
}

// callbackOf is the address of a callback.
func callbackOf(t *testing.T, j journal.Journal, c journal.Callback) string {
	t.Helper()
	events, err := j.Read(t.Context(), c.Run, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	created, err := journal.Decode[journal.Created](events[0])
	if err != nil {
		t.Fatal(err)
	}
	secret, err := created.CallbackSecret(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	return c.Address(secret)
}

func hasEvent(rec pawl.RunRecord) bool {
	return slices.ContainsFunc(rec.Blockers, func(b pawl.Blocker) bool { return b.Kind == pawl.BlockerEvent })
}
