package schedule

import "github.com/pawlrun/pawl"

// Record is a schedule as it may be shown, with how it stands: sensitive values are masked,
// and Problem is what stands against a run now.
type Record struct {
	Schedule

	Last     *LastRun   `json:"last"`     // the last run; null: there was none
	Next     *pawl.Time `json:"next"`     // the next time; null: it is paused, or its input or its times are none
	Due      *pawl.Time `json:"due"`      // the latest time that has come and about which nobody has decided yet; null: there is none
	Attended bool       `json:"attended"` // a live process works on its flow, which makes its runs
}

// LastRun is the last run of a schedule, and how it stands.
type LastRun struct {
	Last
	Status pawl.Status `json:"status"` // empty: it was removed
	Reason string      `json:"reason"` // why it has that status, for people; may be empty
}
