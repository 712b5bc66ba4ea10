package notifier

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/schema"
)

// message is the body of a notice, in the form that Standard Webhooks proposes.
type message struct {
	Type      string    `json:"type"`      // "run." and the status
	Timestamp pawl.Time `json:"timestamp"` // when the run came to rest
	Data      rest      `json:"data"`
}

// rest is how a run stood when it came to rest. It has no input, output, proposal or answer.
type rest struct {
	Run      pawl.RunID  `json:"run"`
	Seq      pawl.Seq    `json:"seq"` // of the event with which it came to rest: it grows with each
	Flow     string      `json:"flow"`
	Program  string      `json:"program"`
	Schedule string      `json:"schedule"`
	Status   pawl.Status `json:"status"`
	Reason   string      `json:"reason"`
	Blockers []blocker   `json:"blockers"`
	More     int         `json:"more"` // blockers that are not listed
	Links    links       `json:"links"`
}

// blocker is something that stands in the run's way.
type blocker struct {
	Key      pawl.Key            `json:"key"`
	Kind     pawl.BlockerKind    `json:"kind"`
	Question string              `json:"question"`
	Who      string              `json:"who"`
	Since    pawl.Time           `json:"since"`
	Deadline *pawl.Time          `json:"deadline"`
	Actions  []pawl.DecisionKind `json:"actions"`
	Digest   string              `json:"digest"`
}

type links struct {
	Run *string `json:"run"` // of the API; null: no server's address is known
}

// encode makes the body of the notice that a run came to rest. last is the event with which
// it did, link the address of the run; empty: there is none.
func encode(rec pawl.RunRecord, last pawl.Event, link string) (json.RawMessage, error) {
	d := rest{Run: rec.ID, Seq: last.Seq, Flow: rec.Flow, Program: rec.Begun.Program, Schedule: rec.Schedule, Status: rec.Status, Reason: cut(rec.Reason), Blockers: []blocker{}}
	if link != "" {
		d.Links.Run = &link
	}
	for _, b := range rec.Blockers {
		if len(d.Blockers) == limits.NoticeBlockers {
			d.More++
			continue
		}
		told := blocker{Key: b.Key, Kind: b.Kind, Question: cut(b.Question), Who: cut(b.Who), Since: b.Since, Deadline: b.Deadline, Digest: b.Digest}
		for _, a := range b.Actions {
			told.Actions = append(told.Actions, a.Name)
		}
		d.Blockers = append(d.Blockers, told)
	}
	return schema.Marshal(message{Type: "run." + string(rec.Status), Timestamp: last.At, Data: d})
}

// cut cuts a text that is longer than a notice has.
func cut(s string) string {
	if len(s) <= limits.NoticeTextBytes {
		return s
	}
	end := limits.NoticeTextBytes
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "... (cut)"
}
