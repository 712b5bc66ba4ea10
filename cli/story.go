package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/journal"
)

// events returns a run's events as far as they are to be had: for what is good to
// know beside the run's record.
func (s *store) events(ctx context.Context, id pawl.RunID) []pawl.Event {
	events, _ := s.db.Read(ctx, id, 0, 0) // a journal that fails has said so elsewhere
	return events
}

// cutOff says which attempts were left in flight by the run's last process;
// empty: none.
func cutOff(events []pawl.Event) string {
	models := map[pawl.Key]bool{} // what is in flight; true: a model is asked
	for _, ev := range events {
		switch ev.Type {
		case pawl.EventClaimed:
			clear(models)
		case pawl.EventIntent:
			in, err := journal.Decode[journal.Intent](ev)
			models[ev.Key] = err == nil && in.Model != ""
		case pawl.EventAttempt:
			delete(models, ev.Key)
		}
	}
	var calls, steps int64
	for _, model := range models {
		if model {
			calls++
		} else {
			steps++
		}
	}
	was := func(n int64, what, perhaps string) string {
		if n == 1 {
			return term.Count(n, what) + " was cut and " + perhaps
		}
		return term.Count(n, what) + " were cut and " + perhaps
	}
	var s []string
	if calls > 0 {
		s = append(s, was(calls, "model call", "may have been billed"))
	}
	if steps > 0 {
		s = append(s, was(steps, "step", "may have had its effect"))
	}
	return strings.Join(s, "; ")
}

// executed says how long a run was executed: without the time between the last
// event of one process and the claim of the next.
func executed(events []pawl.Event) string {
	if len(events) == 0 {
		return ""
	}
	first, last := events[0].At, events[len(events)-1].At
	var busy time.Duration
	begun, claims := first, 0
	for i, ev := range events {
		if ev.Type != pawl.EventClaimed {
			continue
		}
		if claims++; claims > 1 {
			busy += events[i-1].At.Sub(begun.Time)
			begun = ev.At
		}
	}
	over := last.Sub(first.Time)
	if claims <= 1 {
		return "took " + term.Brief(over)
	}
	return fmt.Sprintf("executed for %s over %s", term.Brief(busy+last.Sub(begun.Time)), term.Brief(over))
}

// note is a line that a flow left for the readers of its run.
type note struct {
	at    pawl.Time
	text  string
	steps int // that had begun before it
}

// notesOf returns a run's notes in order.
func notesOf(events []pawl.Event) ([]note, error) {
	var all []note
	begun := map[pawl.Key]bool{}
	for _, ev := range events {
		switch {
		case ev.Type == pawl.EventNote:
			n, err := journal.Decode[journal.Note](ev)
			if err != nil {
				return nil, err
			}
			all = append(all, note{ev.At, n.Text, len(begun)})
		case ev.Key != "":
			begun[ev.Key] = true
		}
	}
	return all, nil
}

// panicOf returns the calls on the stack of a flow's last panic, if it has not
// gone on since.
func panicOf(events []pawl.Event) ([]string, error) {
	var calls []string
	for _, ev := range events {
		switch {
		case ev.Type == pawl.EventDecision || ev.Type == pawl.EventDirective:
			calls = nil
		case ev.Type == pawl.EventFailed && ev.Key == "":
			f, err := journal.Decode[journal.Failed](ev)
			if err != nil {
				return nil, err
			}
			calls = frames(f.Error.Stack)
		}
	}
	return calls, nil
}
