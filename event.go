package pawl

import "encoding/json"

// EventType says what happened. docs/reference/journal.md describes each with its body.
type EventType string

const (
	EventCreated   EventType = "created"   // the run exists
	EventClaimed   EventType = "claimed"   // a process took the run to execute it
	EventReleased  EventType = "released"  // it gave the run back unfinished, and why
	EventIntent    EventType = "intent"    // an attempt is about to leave
	EventAttempt   EventType = "attempt"   // an attempt's outcome; the accepted one is the step's result
	EventReused    EventType = "reused"    // a result taken over from a base run
	EventOverride  EventType = "override"  // a result set by a person before the flow asks
	EventScope     EventType = "scope"     // a map, parallel or call was opened or closed
	EventBlocker   EventType = "blocker"   // something a person must lift
	EventDecision  EventType = "decision"  // what lifted it
	EventGuidance  EventType = "guidance"  // an instruction for later asks
	EventDirective EventType = "directive" // pause, resume or cancel was asked for
	EventTimer     EventType = "timer"     // a durable timer was set or ran out
	EventNote      EventType = "note"      // a line for the reader
	EventFailed    EventType = "failed"    // a step cannot finish; with no key, the flow itself, for good if final
	EventDone      EventType = "done"      // the run's output
	EventCanceled  EventType = "canceled"  // the run ended without output, by decision
)

// Event is one entry of a run's history. Events are appended and never changed.
type Event struct {
	Version int             `json:"v"`             // of the body's form; see docs/reference/journal.md
	Run     RunID           `json:"run"`           // the run's id
	Seq     Seq             `json:"seq"`           // its place in the run: 1, then without gaps
	Type    EventType       `json:"type"`          // what happened
	Key     Key             `json:"key,omitempty"` // the step it is about; empty: the run
	At      Time            `json:"at"`            // when; never before the event ahead of it
	Hash    string          `json:"hash"`          // over the previous event's hash, this envelope and the body's digest
	Body    json.RawMessage `json:"body"`          // what there is to say of it, by type

	// BodyDigest says that the body as it was recorded is not here, since the run was
	// imported from a file that withholds it: this is its digest, which the hash covers,
	// and Body is what the file tells of it, which nothing proves. Empty: Body is whole.
	BodyDigest string `json:"body_digest,omitempty"`
}
