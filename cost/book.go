package cost

import "github.com/pawlrun/pawl"

// Book is sums in memory. It is not for concurrent use; the zero value is empty. Each
// run has a number of its own, which no other has after it.
type Book struct {
	taken map[entry]Taken
	left  map[call]string // models
}

// entry is what the calls of a run at a model are added up under.
type entry struct {
	quarter     int64
	run         int64
	flow, model string
}

type call struct {
	run int64
	key pawl.Key
}

// Take takes in what an event of a run of a flow says, which was stored at a time.
func (b *Book) Take(run int64, flow string, h Happened, at pawl.Time) {
	if b.taken == nil {
		b.taken, b.left = map[entry]Taken{}, map[call]string{}
	}
	add := func(model string, t Taken) {
		e := entry{QuarterOf(at), run, flow, model}
		b.taken[e] = b.taken[e].Plus(t)
	}
	switch h.What {
	case Left:
		b.left[call{run, h.Key}] = h.Model
	case Ended:
		delete(b.left, call{run, h.Key})
		add(h.Model, h.Took)
	case Gone:
		for c, model := range b.left {
			if c.run == run {
				delete(b.left, c)
				add(model, Lost())
			}
		}
	}
}

// Report implements Keeper.
func (b *Book) Report(q Query) (Report, error) {
	if err := q.Check(); err != nil {
		return Report{}, err
	}
	taken, runs := map[string]Taken{}, map[string]map[int64]bool{}
	add := func(name string, run int64, t Taken) {
		taken[name] = taken[name].Plus(t)
		if runs[name] == nil {
			runs[name] = map[int64]bool{}
		}
		runs[name][run] = true
	}
	var all Taken
	who := map[int64]bool{}
	first := q.First()
	for e, t := range b.taken {
		if e.quarter < first || q.Flow != "" && e.flow != q.Flow {
			continue
		}
		all = all.Plus(t)
		who[e.run] = true
		switch q.By {
		case ByFlow:
			add(e.flow, e.run, t)
		case ByModel:
			add(e.model, e.run, t)
		default:
			add(q.Day(e.quarter), e.run, t)
		}
	}
	var sums []Sum
	for name, t := range taken {
		sums = append(sums, SumOf(name, int64(len(runs[name])), t))
	}
	return q.Report(SumOf("", int64(len(who)), all), sums), nil
}
