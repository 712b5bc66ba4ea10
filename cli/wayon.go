package cli

import (
	"strings"

	"github.com/pawlrun/pawl"
)

// liftCommand is the command that goes on with a run that rests: it lifts the
// oldest blocker that a person has to decide on, or else resumes. rec is as it may
// be shown.
func (a *app) liftCommand(rec pawl.RunRecord, d delivery) string {
	if rec.Status == pawl.StatusWaiting {
		for _, b := range rec.Blockers {
			if len(b.Actions) > 0 && b.Actions[0].Name != pawl.DecideRetry {
				return b.Actions[0].Command + d.flags()
			}
		}
	}
	return a.resumeCommand(rec.ID, d)
}

// flags are the flags of a command that goes on and delivers so.
func (d delivery) flags() string {
	s := ""
	if d.prompts != "" {
		s += " --prompts " + shellQuote(d.prompts)
	}
	if d.output != "" {
		s += " -o " + shellQuote(d.output)
	}
	return s
}

// ownCommand is a recorded command as this program is called, on its data.
func (a *app) ownCommand(recorded string) string {
	words := strings.Fields(recorded)
	for i, w := range words {
		words[i] = strings.Trim(w, "'") // keys hold none
	}
	if len(words) == 0 {
		return ""
	}
	return a.command(words[1:]...)
}
