package temporal

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// A worker looks now and then for runs that have something to do, and whose build has nobody left
// who would do it, and takes them over as if somebody had resumed them. Runs that wait for
// people are left to those who decide. Of a build's workers two look for all, so that many do not
// read the list many times, and it is read yet if one of them fails.

// pauses are how long it waits at least: before its first look, and before each other.
type pauses struct{ first, next time.Duration }

// looking is how many workers of a build look.
const looking = 2

// sweeper is what a worker knows from its looks.
type sweeper struct {
	keeper *keeper
	name   string              // of the worker, among those of its build
	alone  map[string]bool     // queues at which nobody was at the last look: a server that was just started knows nobody, either
	halves map[pawl.RunID]bool // runs that were taken over by half at the last look: somebody was at it, or has died in it
	since  time.Time           // from when on they are looked for, by the server's clock; zero: from halfFor ago
	owed   map[pawl.RunID]bool // runs whose workflow was ended, and that could not be begun anew here yet
	told   map[pawl.RunID]bool // runs that cannot be taken over, of which somebody was told
	blind  bool                // the last look failed, of which somebody was told
}

func newSweeper(s *sign) *sweeper {
	return &sweeper{keeper: s.keeper, name: s.name, alone: map[string]bool{}, halves: map[pawl.RunID]bool{}, owed: map[pawl.RunID]bool{}, told: map[pawl.RunID]bool{}}
}

// until looks again and again, until ctx ends. Several workers do not look at the same time.
func (s *sweeper) until(ctx context.Context) {
	for wait := s.keeper.looks.first; ; wait = s.keeper.looks.next {
		select {
		case <-time.After(wait + rand.N(wait/2)):
			s.look(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// look takes over what has been without anybody since the look before, if this worker is one of those
// that look. One that others do not see takes nothing: they would take it back.
func (s *sweeper) look(ctx context.Context) {
	k := s.keeper
	place := s.place(ctx)
	if place < 0 {
		return
	}
	s.takeAll(ctx, slices.Collect(maps.Keys(s.owed)))
	if place < looking {
		s.takeAll(ctx, slices.Collect(maps.Keys(s.halves)))
	}
	alone := s.alone
	s.alone, s.halves = map[string]bool{}, map[pawl.RunID]bool{}
	if place >= looking {
		return
	}
	left, err := k.left(ctx)
	if err != nil {
		s.alone, left = alone, nil // it is known no better
	}
	for queue, runs := range left {
		there, err := k.there(ctx, queue)
		if err != nil || len(there) > 0 {
			continue
		}
		if s.alone[queue] = true; alone[queue] {
			s.takeAll(ctx, runs)
		}
	}
	err = errors.Join(err, s.lookForHalves(ctx))
	if err != nil && !s.blind && ctx.Err() == nil {
		k.settings.log.Warn("it cannot be looked for runs whose build has no worker left", "error", err.Error())
	}
	s.blind = err != nil
}

// place is how many others look rather than this worker, by their names; below 0: it is not seen. One
// that was killed is soon missed here, long before it counts as gone.
func (s *sweeper) place(ctx context.Context) int {
	all, err := s.keeper.thereFor(ctx, s.keeper.queue, missed)
	if err != nil {
		return -1
	}
	before, seen := 0, false
	for _, p := range all {
		switch {
		case p.name == s.name:
			seen = p.role == lasting
		case p.sweeps() && p.name < s.name:
			before++
		}
	}
	if !seen {
		return -1
	}
	return before
}

// takeAll takes runs over. Of several workers each begins elsewhere.
func (s *sweeper) takeAll(ctx context.Context, runs []pawl.RunID) {
	rand.Shuffle(len(runs), func(i, j int) { runs[i], runs[j] = runs[j], runs[i] })
	for _, id := range runs {
		if ctx.Err() != nil {
			return
		}
		s.take(id)
	}
}

// take takes a run over. What it has begun it ends, whatever this worker is to do meanwhile.
func (s *sweeper) take(id pawl.RunID) {
	k := s.keeper
	ctx, cancel := context.WithTimeout(k.settings.ctx, time.Minute)
	defer cancel()
	from, half := "", false
	taken, err := k.tryTakeOver(ctx, id, false, func(queue string, open bool) (*kept, error) {
		if from, half = queue, !open; !open && !s.owed[id] && !s.halves[id] || open && !s.alone[queue] {
			return nil, nil
		}
		if open {
			if there, err := k.there(ctx, queue); err != nil || len(there) > 0 { // somebody came meanwhile
				return nil, nil
			}
		}
		run, err := k.read(ctx, id)
		switch {
		case err != nil:
			return nil, err
		case open && !k.takesUp(run), !open && !(k.goesOn(run) && run.taken): // who ended it otherwise wants it so
			return nil, nil
		}
		s.owed[id] = true
		return run, nil
	})
	switch {
	case taken && half:
		k.settings.log.Info("a run that was taken over by half is begun anew", "run", id, "from", from)
	case taken:
		k.settings.log.Info("a run of a build that has no worker left is taken over", "run", id, "from", from)
	case errors.Is(err, errOthers), errors.Is(err, pawl.ErrNotFound):
	case err != nil:
		if !s.told[id] {
			k.settings.log.Warn("a run of a build that has no worker left cannot be taken over", "run", id, "from", from, "error", err.Error())
		}
		s.told[id] = true
		if s.halves[id] {
			s.owed[id] = true
		}
		return
	}
	delete(s.owed, id)
}

// takesUp reports whether a worker has something to do for a run as it stands.
func (k *keeper) takesUp(run *kept) bool {
	return k.goesOn(run) && replay.Unheld(run.summary).Idle(pawl.At(time.Now()))
}

// goesOn reports whether a run may go on in this process, now or when its time has come.
func (k *keeper) goesOn(run *kept) bool {
	return !run.imported && run.next == "" && !run.summary.Ended() && k.executes(run.run.Flow, run.run.Program)
}

// executes reports whether this process takes up runs of a flow and of a program.
func (k *keeper) executes(flow, program string) bool {
	return k.settings.flow(flow) != nil && (program == "" || program == k.settings.program())
}
