package temporal

import (
	"encoding/json"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// What goes over Temporal's wire, and stays in its history. The names of workflow, update
// and activity are part of the histories, too.
const (
	workflowType  = "pawl.run"
	commandUpdate = "pawl.command"
	thereQuery    = "pawl.there" // answered by whoever can go on with the run
	askActivity   = "pawl.ask"

	// Types of errors of activities. Any other says, as lostType does, that nobody knows what
	// came of the attempt.
	lostType       = "pawl.lost"
	unreadableType = "pawl.unreadable" // it was not made
)

// beginning is the argument of a workflow: a run as it is when an execution of it begins.
type beginning struct {
	Run    journal.NewRun `json:"run"` // without its blobs
	Events []pawl.Event   `json:"events"`
	Blobs  [][]byte       `json:"blobs"`
	Base   []pawl.Event   `json:"base,omitempty"` // the base's history

	Imported     bool `json:"imported,omitempty"`      // the run is from a file: it is kept, and not executed
	BaseImported bool `json:"base_imported,omitempty"` // the base is

	// Rested says that the run is at rest, until a command or its time comes.
	Rested bool `json:"rested,omitempty"`

	// Answers are what came of commands in the executions before, the oldest first.
	Answers []answered `json:"answers,omitempty"`

	// Replies are answers of models that the executions before did not take in.
	Replies []replied `json:"replies,omitempty"`

	// Commands are to be carried out first: the one for which this execution took the run
	// over, and those that nobody would send again.
	Commands []command `json:"commands,omitempty"`

	// Attributed says that the workflow has search attributes, and writes them.
	Attributed bool `json:"attributed,omitempty"`
}

// entry is what one commit added to a run. It is a marker in Temporal's history, so that
// whoever reads a run needs neither a worker nor the run's code.
type entry struct {
	Events   []pawl.Event     `json:"events"`
	Blobs    [][]byte         `json:"blobs,omitempty"`
	Summary  *journal.Summary `json:"summary,omitempty"`
	Model    string           `json:"model,omitempty"`
	Released bool             `json:"released,omitempty"` // the run is at rest
}

// command is a decision or a directive on its way.
type command struct {
	ID        string          `json:"id"`
	Decision  json.RawMessage `json:"decision,omitempty"`
	Directive json.RawMessage `json:"directive,omitempty"`
}

// answer is what came of a command.
type answer struct {
	Refused   *journal.Failure `json:"refused,omitempty"`
	Delivered bool             `json:"delivered,omitempty"` // it had come before
	Moved     bool             `json:"moved,omitempty"`     // the next execution has to say
}

// answered is an answer, and the command that it is to.
type answered struct {
	ID     string `json:"id"`
	Answer answer `json:"answer"`
}

// ended is the result of a workflow.
type ended struct {
	Status pawl.Status `json:"status"`
	Reason string      `json:"reason,omitempty"`

	// Answers is what came of the commands that the execution began with: the run may have
	// ended with those, before anybody could ask.
	Answers []answered `json:"answers,omitempty"`
}

// question is exec.Question with its schema as a document.
type question struct {
	exec.Question
	Schema json.RawMessage `json:"schema,omitempty"`
}

func newQuestion(q exec.Question) question {
	w := question{Question: q}
	if s := q.Request.Schema; s != nil {
		w.Schema, w.Request.Schema = s.JSON(), nil
	}
	return w
}

func (w question) read() (exec.Question, error) {
	q := w.Question
	if len(w.Schema) == 0 {
		return q, nil
	}
	s, err := schema.Parse(w.Schema)
	q.Request.Schema = s
	return q, err
}

// listed is a run as the list of Temporal's workflows has it, in the memo.
type listed struct {
	Flow     string          `json:"flow"`
	Model    string          `json:"model"`
	Program  string          `json:"program,omitempty"`
	Base     pawl.RunID      `json:"base,omitempty"`
	Schedule string          `json:"schedule,omitempty"`
	Summary  journal.Summary `json:"summary"`
	Held     bool            `json:"held"`
	Imported bool            `json:"imported,omitempty"`
	Open     int             `json:"open"` // blockers that a person can lift
	Created  pawl.Time       `json:"created"`
	Updated  pawl.Time       `json:"updated"`
	Seq      pawl.Seq        `json:"seq"`
	Hash     string          `json:"hash"`
	Text     string          `json:"text"` // the beginning of the input, to be searched
}

// listedOf is a row as a memo has it, with so many blockers that are open.
func listedOf(r journal.Row, open int, text string) listed {
	return listed{Flow: r.Flow, Model: r.Model, Program: r.Program, Base: r.Base, Schedule: r.Schedule, Summary: r.Summary, Held: r.Held, Imported: r.Imported,
		Open: open, Created: r.CreatedAt, Updated: r.UpdatedAt, Seq: r.LastSeq, Hash: r.LastHash, Text: text}
}

// memoKey is the name under which a memo has a run.
const memoKey = "pawl"

// pack is a value as Temporal keeps it: JSON, byte for byte ours, since events are hashed.
func pack(v any) (converter.RawValue, int, error) {
	data, err := schema.Encode(v)
	if err != nil {
		return converter.RawValue{}, 0, fmt.Errorf("encode %T: %w", v, err)
	}
	return converter.NewRawValue(&commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: data}), len(data), nil
}

func unpack(raw converter.RawValue, v any) error {
	if raw.Payload() == nil {
		return fmt.Errorf("decode %T: there is no value", v)
	}
	if err := json.Unmarshal(raw.Payload().GetData(), v); err != nil {
		return fmt.Errorf("decode %T: %w", v, err)
	}
	return nil
}
