package replay

import (
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// Guide is an instruction that a person gave to the run.
type Guide struct {
	Seq pawl.Seq // of its event
	pawl.Guidance
}

// Guides returns the guidance given so far, the oldest first. It is not to be changed.
func (st *State) Guides() []Guide { return st.guides }

// Guided returns authored messages with guidance behind them. It is no part of
// what is authored, and not digested.
func Guided(authored []llm.Message, guides []Guide) []llm.Message {
	out := authored[:len(authored):len(authored)]
	for _, g := range guides {
		out = append(out, llm.User("Guidance from the person in charge, which counts above what was said before:\n"+g.Text))
	}
	return out
}

func (st *State) guided(e pawl.Event, b journal.Guidance) {
	st.rests(e)
	st.guides = append(st.guides, Guide{e.Seq, pawl.Guidance{Text: b.Text, Who: b.Who, At: e.At, UsedBy: []pawl.Key{}}})
}

// carries notes which guidance a step's request carries, and returns its texts.
func (st *State) carries(key pawl.Key, guidance []pawl.Seq) []string {
	texts := []string{}
	for i := range st.guides {
		g := &st.guides[i]
		if !slices.Contains(guidance, g.Seq) {
			continue
		}
		texts = append(texts, g.Text)
		if !slices.Contains(g.UsedBy, key) {
			g.UsedBy = append(slices.Clip(g.UsedBy), key)
		}
	}
	return texts
}

// guidance returns the guidance as records show it.
func (st *State) guidance() []pawl.Guidance {
	all := []pawl.Guidance{}
	for _, g := range st.guides {
		g.Unused = st.Ended() && len(g.UsedBy) == 0
		all = append(all, g.Guidance)
	}
	return all
}
