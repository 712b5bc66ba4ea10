package page

import (
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
)

// questions are what blockers of any kind but failure ask, each with the steps
// that it is asked of.
func questions(blockers []pawl.Blocker) []question {
	var all []question
	for _, b := range blockers {
		if b.Kind.IsFailure() {
			continue
		}
		i := slices.IndexFunc(all, func(q question) bool { return q.text == b.Question })
		if i < 0 {
			i, all = len(all), append(all, question{text: b.Question})
		}
		all[i].of = append(all[i].of, b)
		if b.Key != "" {
			all[i].steps = append(all[i].steps, string(b.Key))
		}
	}
	return all
}

// question is something that a person is asked.
type question struct {
	text  string
	steps []string // empty: of the run as a whole
	of    []pawl.Blocker
}

func (q question) String() string {
	if len(q.steps) == 0 {
		return q.text
	}
	return strings.Join(q.steps, ", ") + ": " + q.text
}
