package journal

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/internal/refusal"
	"github.com/pawlrun/pawl/journal/internal/searched"
)

// memoryCommand is a command in its stored form, so that nobody can change it.
type memoryCommand struct {
	run                 *memoryRun
	at                  pawl.Time
	decision, directive []byte
	handled             bool
	refused             *Failure
}

// memoryOpen is an open blocker.
type memoryOpen struct {
	run *memoryRun
	key pawl.Key
	seq pawl.Seq
}

// Submit implements Commands.
func (m *Memory) Submit(ctx context.Context, p Command) (int64, error) {
	decision, directive, err := p.Encode()
	if err != nil {
		return 0, err
	}
	return changing(ctx, m, fmt.Sprintf("command to run %q", p.Run), func() (int64, error) {
		r := m.runs[p.Run]
		switch {
		case r == nil:
			return 0, refusal.NotFound(p.Run)
		case r.imported:
			return 0, refusal.Imported(p.Run)
		case r.Summary.Ended():
			return 0, refusal.RunEnded(p.Run, r.Summary.Ending())
		}
		m.commands = append(m.commands, memoryCommand{run: r, at: m.now(), decision: decision, directive: directive})
		return int64(len(m.commands)), nil
	})
}

// Pending implements Commands.
func (m *Memory) Pending(ctx context.Context, run pawl.RunID) ([]Command, error) {
	return holding(ctx, m, "list commands", func() ([]Command, error) {
		if run != "" && m.runs[run] == nil {
			return nil, refusal.NotFound(run)
		}
		list := []Command{}
		for i, p := range m.commands {
			if p.handled || run == "" && !p.run.held || run != "" && run != p.run.ID {
				continue
			}
			command := Command{ID: int64(i + 1), Run: p.run.ID, At: p.at}
			if err := command.Decode(p.decision, p.directive); err != nil {
				return nil, err
			}
			list = append(list, command)
		}
		return list, nil
	})
}

// Handled implements Commands.
func (m *Memory) Handled(ctx context.Context, command int64) (done bool, refused *Failure, err error) {
	p, err := holding(ctx, m, fmt.Sprintf("read command %d", command), func() (p memoryCommand, err error) {
		if command < 1 || command > int64(len(m.commands)) {
			return p, refusal.NoCommand(command)
		}
		return m.commands[command-1], nil
	})
	return p.handled, p.refused.clone(), err
}

func (f *Failure) clone() *Failure {
	if f == nil {
		return nil
	}
	return new(*f)
}

// OpenBlockers implements Commands.
func (m *Memory) OpenBlockers(ctx context.Context, f pawl.RunFilter) ([]OpenBlocker, error) {
	return holding(ctx, m, "list open blockers", func() ([]OpenBlocker, error) {
		list := []OpenBlocker{}
		for _, o := range m.open {
			if !m.passes(o.run, f) {
				continue
			}
			list = append(list, OpenBlocker{Flow: o.run.Flow, Event: copyEvents(o.run.events[o.seq-1 : o.seq])[0]})
			if len(list) == f.Limit {
				break
			}
		}
		return list, nil
	})
}

// passes reports whether the filter lets a run through.
func (m *Memory) passes(r *memoryRun, f pawl.RunFilter) bool {
	return strings.HasPrefix(string(r.ID), string(f.Prefix)) && (f.Flow == "" || f.Flow == r.Flow) &&
		(f.Program == "" || r.Program == "" || f.Program == r.Program) && (f.Base == "" || f.Base == r.Base) &&
		(f.Schedule == "" || f.Schedule == r.Schedule) &&
		(len(f.Statuses) == 0 || slices.Contains(f.Statuses, r.Summary.Status)) && !r.events[0].At.Before(f.Since) &&
		!(f.Current && m.supersededBy(r) != "") && (f.After == "" || m.isBefore(r, f.After)) && r.passesText(f.Text)
}

// isBefore reports whether a run was made before another one that is there.
func (m *Memory) isBefore(r *memoryRun, id pawl.RunID) bool {
	other := m.runs[id]
	return other != nil && slices.Index(m.order, r) < slices.Index(m.order, other)
}

// supersededBy is [Row.SupersededBy].
func (m *Memory) supersededBy(r *memoryRun) pawl.RunID {
	if r.Summary.Status != pawl.StatusFailed {
		return ""
	}
	for _, d := range slices.Backward(m.order) {
		if d.Base == r.ID && d.Summary.Status != pawl.StatusCanceled {
			return d.ID
		}
	}
	return ""
}

// pending reports whether a command is pending for the run.
func (m *Memory) pending(r *memoryRun) bool {
	return slices.ContainsFunc(m.commands, func(p memoryCommand) bool { return p.run == r && !p.handled })
}

// checkHandled refuses what cannot be handled, before anything is changed.
func (m *Memory) checkHandled(r *memoryRun, all []Handled) error {
	seen := map[int64]bool{}
	for _, s := range all {
		switch {
		case s.Command < 1 || s.Command > int64(len(m.commands)) || m.commands[s.Command-1].run != r:
			return refusal.NotSubmitted(r.ID, s.Command)
		case m.commands[s.Command-1].handled || seen[s.Command]:
			return refusal.Handled(r.ID, s.Command)
		}
		seen[s.Command] = true
	}
	return nil
}

// project applies what the run's last events, which the drafts have become, say
// of its blockers; its end refuses the commands that are pending.
func (m *Memory) project(r *memoryRun, drafts []Draft) {
	first := r.last.Seq - pawl.Seq(len(drafts)) + 1
	for i, d := range drafts {
		if d.Opens || d.Lifts || d.Ends() {
			m.open = slices.DeleteFunc(m.open, func(o memoryOpen) bool { return o.run == r && (d.Ends() || o.key == d.Key) })
		}
		switch {
		case d.Ends():
			for i := range m.commands {
				if p := &m.commands[i]; p.run == r && !p.handled {
					p.handled, p.refused = true, d.Refusal(r.ID)
				}
			}
		case d.Opens:
			m.open = append(m.open, memoryOpen{r, d.Key, first + pawl.Seq(i)})
		}
	}
}

// passesText reports whether a filter's text stands in what a search looks at in a run.
func (r *memoryRun) passesText(text string) bool {
	if text == "" {
		return true
	}
	text = searched.Form(text)
	return strings.Contains(searched.Form(r.Summary.Reason), text) || strings.Contains(searched.In(r.ID, r.Model, r.events[0].Body), text)
}
