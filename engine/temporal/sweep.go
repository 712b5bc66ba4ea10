package temporal

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// A worker looks now and then for runs that have something to do, and whose build has nobody left
// who would do it, and takes them over as if somebody had resumed them. Runs that wait for
// people are left to those who decide.

// pauses are how long it waits at least: before its first look, and before each other.
type pauses struct{ first, next time.Duration }

// sweeper is what a worker knows from its looks.
type sweeper struct {
	keeper *keeper
	alone  map[string]bool     // queues at which nobody was at the last look: a server that was just started knows nobody, either
	owed   map[pawl.RunID]bool // runs whose workflow was ended here, and that could not be begun anew yet
	told   map[pawl.RunID]bool // runs that cannot be taken over, of which somebody was told
	blind  bool                // the last look failed, of which somebody was told
}

func newSweeper(k *keeper) *sweeper {
	return &sweeper{keeper: k, alone: map[string]bool{}, owed: map[pawl.RunID]bool{}, told: map[pawl.RunID]bool{}}
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

// look takes over what has been without anybody since the look before. A worker that others do not
// see takes nothing: they would take it back.
func (s *sweeper) look(ctx context.Context) {
	k := s.keeper
	if !k.isPolled(ctx) {
		return
	}
	for id := range s.owed {
		if ctx.Err() != nil {
			return
		}
		s.take(id)
	}
	left, err := k.left(ctx)
	if err != nil {
		if !s.blind && ctx.Err() == nil {
			k.settings.log.Warn("it cannot be looked for runs whose build has no worker left", "error", err.Error())
		}
		s.blind = true
		return
	}
	s.blind = false
	was := s.alone
	s.alone = map[string]bool{}
	for queue, runs := range left {
		there, err := k.there(ctx, queue)
		if err != nil || len(there) > 0 {
			continue
		}
		if s.alone[queue] = true; !was[queue] {
			continue
		}
		rand.Shuffle(len(runs), func(i, j int) { runs[i], runs[j] = runs[j], runs[i] }) // of several workers each begins elsewhere
		for _, id := range runs {
			if ctx.Err() != nil {
				return
			}
			s.take(id)
		}
	}
}

// take takes a run over. What it has begun it ends, whatever this worker is to do meanwhile.
func (s *sweeper) take(id pawl.RunID) {
	k := s.keeper
	ctx, cancel := context.WithTimeout(k.settings.ctx, time.Minute)
	defer cancel()
	from := ""
	taken, err := k.tryTakeOver(ctx, id, false, func(queue string, open bool) (*kept, error) {
		if from = queue; !open && !s.owed[id] || open && !s.alone[queue] {
			return nil, nil
		}
		if open {
			if there, err := k.there(ctx, queue); err != nil || len(there) > 0 { // somebody came meanwhile
				return nil, nil
			}
		}
		run, err := k.read(ctx, id)
		if err != nil || !k.takesUp(run) {
			return nil, err
		}
		s.owed[id] = true
		return run, nil
	})
	switch {
	case taken:
		k.settings.log.Info("a run of a build that has no worker left is taken over", "run", id, "from", from)
	case errors.Is(err, errOthers):
	case err != nil:
		if !s.told[id] {
			k.settings.log.Warn("a run of a build that has no worker left cannot be taken over", "run", id, "from", from, "error", err.Error())
		}
		s.told[id] = true
		return
	}
	delete(s.owed, id)
}

// takesUp reports whether a worker has something to do for a run as it stands.
func (k *keeper) takesUp(run *kept) bool {
	return !run.imported && run.next == "" && !run.summary.Ended() && k.executes(run.run.Flow, run.run.Program) &&
		replay.Unheld(run.summary).Idle(pawl.At(time.Now()))
}

// executes reports whether this process takes up runs of a flow and of a program.
func (k *keeper) executes(flow, program string) bool {
	return k.settings.flow(flow) != nil && (program == "" || program == k.settings.program())
}

// left are the runs of other queues, by these, that a worker would have something to do for, as
// the list has them.
func (k *keeper) left(ctx context.Context) (map[string][]pawl.RunID, error) {
	byQueue := map[string][]pawl.RunID{}
	now := pawl.At(time.Now())
	err := k.others(ctx, func(queue string, it item) {
		if !it.Imported && k.executes(it.Flow, it.Program) && replay.Unheld(it.Summary).Idle(now) {
			byQueue[queue] = append(byQueue[queue], it.ID)
		}
	})
	return byQueue, err
}
