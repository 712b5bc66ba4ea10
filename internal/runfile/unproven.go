package runfile

import "github.com/pawlrun/pawl"

// Unproven returns, as "decision publish", which events that say how something was decided
// or ended are withheld: what a file tells of those nothing proves, as of the others.
func (f *File) Unproven() (all []string) {
	for _, e := range f.Events {
		if e.BodyDigest == "" {
			continue
		}
		switch e.Type {
		case pawl.EventDecision, pawl.EventOverride, pawl.EventDone, pawl.EventCanceled, pawl.EventFailed:
			name := string(e.Type)
			if e.Key != "" {
				name += " " + string(e.Key)
			}
			all = append(all, name)
		}
	}
	return all
}
