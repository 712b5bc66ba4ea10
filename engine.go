package pawl

import (
	"context"
	"encoding/json"
	"io/fs"
	"iter"
	"time"

	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/schema"
)

// Engine is runs from outside: it starts them, shows them and steers them.
// Implementations are safe for concurrent use. Every error is an *Error.
type Engine interface {
	// Start makes a run durable and begins to execute it. It returns when the
	// run is durable, with its id; the run goes on in the background until it
	// is at rest or the engine closes, unless it is only to be queued. Bad
	// input is refused with ErrInput, and nothing is left behind. A run keeps the
	// prompts that FlowOf.WithPrompts has replaced in its flow: whoever goes on with
	// it asks with them.
	Start(ctx context.Context, f Flow, input json.RawMessage, o *StartOptions) (RunID, error)

	// Get returns a run's record as it stands.
	Get(ctx context.Context, id RunID) (RunRecord, error)

	// List returns runs, the newest first.
	List(ctx context.Context, f RunFilter) ([]RunSummary, error)

	// Events yields the run's events after a place, first what is recorded,
	// then what is being added, until the run is at rest and all has been
	// yielded, or ctx ends (the last pair then carries the error). With
	// after == 0 it begins at the beginning; with a number that no event has
	// yet it yields nothing before that.
	Events(ctx context.Context, id RunID, after Seq) iter.Seq2[Event, error]

	// Wait blocks until the run is at rest, or ctx ends, and returns its record
	// as it stands then. A run that another process executes, or is about to
	// take up, is waited for too.
	Wait(ctx context.Context, id RunID) (RunRecord, error)

	// Inbox returns the open blockers of all runs that the filter lets through, the
	// oldest first. Those of superseded runs are left out, see [RunSummary].
	Inbox(ctx context.Context, f RunFilter) ([]InboxItem, error)

	// Decide lifts a blocker, once, and lets the run go on. It returns when the
	// decision is durable. A decision on what is not open, was decided already or
	// is not what was shown is ErrConflict, and the message says who decided what
	// and when; one whose value does not fit is ErrInput, names the path that is
	// wrong, and the blocker stays open.
	Decide(ctx context.Context, id RunID, d Decision) error

	// Deliver takes an event from a program: its value for the step that an address of
	// Run.Callback belongs to, or that a server shows of an open [Input], where it is the
	// answer to what is asked then and never kept. It returns when that is durable. If the flow awaits it the
	// run goes on with it; a value that does not fit is ErrInput, names the path that is
	// wrong, and the step waits on. An event that comes before is kept until the flow
	// awaits it, at most 16 for a step, and checked then: one that does not fit is noted,
	// and the step waits.
	//
	// The id of a delivery, up to 200 bytes, counts once for each step: the same again is
	// no error and does nothing, so that whoever is not sure may deliver twice. Another one
	// for a step that has its event, that has expired as a TryAwait or whose run has ended
	// is ErrConflict; one for an Await that has expired is kept until it waits once more. An address that is none is ErrNotFound. The value is at most 1 MiB.
	Deliver(ctx context.Context, address, delivery string, value json.RawMessage) error

	// Direct steers a run. It returns when the directive is durable, which is
	// before it has taken effect.
	Direct(ctx context.Context, id RunID, d Directive) error

	// Close pauses nothing and loses nothing: no new call starts, calls in
	// flight end or are cut when ctx does, and the runs stay resumable.
	Close(ctx context.Context) error
}

// StartOptions are what a caller may choose for one run. Nil means all defaults.
type StartOptions struct {
	// Model is provider/model for every ask of the run, above what prompts say;
	// empty: what prompts say, and otherwise the engine's default, or that of the one
	// that takes up a run which is only queued.
	Model string

	// Fallback are further models, provider/model, for every ask of the run: they are
	// asked in turn where the ones before cannot answer, behind those that a question
	// names itself; see Question.Fallback. One that is not known, or has no key, is
	// refused, and with a limit in dollars so is a chain in which a price is not known.
	Fallback []string

	// ID names the run; empty: a new random one. Starting again what there is
	// already, the same flow with the same input and base, begins nothing and is no
	// error: whoever is not sure may say it twice. Another flow, input or base under
	// that id is ErrConflict, the id of the base itself ErrInput.
	ID RunID

	// Who starts the run, a name for people: it is shown, and a flow may keep them from
	// approving, see NotBy; may be empty.
	Who string

	// Schedule is the name of the schedule that starts the run; empty: none does.
	Schedule string

	// Trace is the W3C traceparent of whoever starts the run, to which telemetry links it;
	// empty: none.
	Trace string

	// Checked says that the input is what the flow's CheckInput has returned, so
	// that Start does not check it once more.
	Checked bool

	// Queue leaves the run to a process that takes up queued runs; this one
	// only makes it durable.
	Queue bool

	// Budget bounds what the run may take; nil: no limit, or those in force in Base. One
	// without limits is none in any case.
	Budget *Budget

	// Base is a run of the same flow whose results this one takes over; nil: none. Without
	// an input, a model, fallbacks and a budget of its own the run has those of the base, and
	// it has its seed and the guidance that was given to it. Prompts that were replaced there
	// are replaced here, but for those that the flow itself asks with in the place of its own.
	Base *Base

	// Step stops the run before each step, Break before the steps with these
	// keys, until somebody has it continue.
	Step  bool
	Break []Key
}

// Piece is a piece of an answer as it arrives: progress, never a result.
type Piece struct {
	Run     RunID  `json:"run"`            // the run's id
	Key     Key    `json:"key"`            // the step that is asked
	Attempt int    `json:"attempt"`        // the attempt's number
	Text    string `json:"text,omitempty"` // what has come since the piece before

	// End says that no more comes of this attempt. What its pieces made is to be
	// dropped then, whatever came of it: an answer that is taken is in the run's
	// events, whole.
	End bool `json:"end,omitempty"`

	// Sensitive says that the step's answer holds what views must not show.
	Sensitive bool `json:"sensitive,omitempty"`
}

// RunFilter narrows a list of runs; zero fields do not narrow.
type RunFilter struct {
	Prefix RunID // of the id
	Flow   string
	Limit  int

	Program string // by which it was started; runs of which that is not known are let through, too
	Base    RunID  // whose results it takes over

	Schedule string // that started it, by name

	Statuses []Status  // one of these; none: all. Of a journal: as they are stored
	Since    time.Time // runs created before are left out; zero: none is

	// Text stands in the id, model, reason or input, in whatever case; of a long input the
	// beginning is looked at. It is looked for in what is stored, sensitive or not: whoever
	// shows runs looks again, in what is shown.
	Text string

	// Current leaves out failed runs that are superseded, see [RunSummary].
	Current bool

	// After begins a list behind this run, whether the filter lets that through or not: at
	// the next older one. So a list is read in parts while runs are added. A run that is
	// not there has nothing behind it.
	After RunID
}

// Directive asks something of a run as a whole.
type Directive struct {
	What DirectiveKind
	Who  string

	// Model, with DirectResume: the model for what is still to be asked, above
	// what prompts say; empty: unchanged.
	Model string

	// Fallback, with DirectResume: the further models for what is still to be asked,
	// in place of those of StartOptions; none: unchanged.
	Fallback []string

	// Prompts, with DirectResume: the prompts for what is still to be asked in the place
	// of the flow's own, and of all that the run had in their place; none: unchanged.
	Prompts []PromptFile

	// Text is the guidance of DirectGuide, or why DirectCancel; may then be empty.
	Text string

	// Take, with DirectResume: take the run from the process that holds it,
	// which can then no longer write.
	Take bool
}

// DirectiveKind is what is asked of a run.
type DirectiveKind string

const (
	// DirectPause: start no new call, let those in flight end, then rest.
	DirectPause DirectiveKind = "pause"

	// DirectResume: go on after a pause or a crash; a failed step is tried
	// again, in a new round of attempts.
	DirectResume DirectiveKind = "resume"

	// DirectCancel: start nothing more, let the calls in flight end, then end
	// the run without output. What those calls bring is kept and not used.
	DirectCancel DirectiveKind = "cancel"

	// DirectGuide: later asks carry Text.
	DirectGuide DirectiveKind = "guide"
)

// Flow is a named workflow as engines and commands see it. *FlowOf implements it.
type Flow interface {
	Name() string

	// Describe says what can be known without running it.
	Describe() FlowInfo

	// CheckInput fills in defaults and checks an input against its schema and
	// its type's Validate method. The error is an *Error of kind ErrInput that
	// names every field that is wrong.
	CheckInput(input json.RawMessage) (json.RawMessage, error)

	// Invoke runs the flow's code on a host. The input is what CheckInput returned.
	Invoke(h host.Host, input json.RawMessage) (json.RawMessage, error)

	// Markdown returns an output as text for people, and whether the flow's
	// output has such a form.
	Markdown(output json.RawMessage) (string, bool)
}

// FlowInfo describes a flow.
type FlowInfo struct {
	Name        string
	Purpose     string
	Input       *schema.Schema
	Output      *schema.Schema
	Prompts     []PromptInfo
	Example     json.RawMessage // an input that works; null if none is given
	Doc         Doc             // what it is for its readers
	Sources     fs.FS           // the flow's Go files, to be shown; nil: not carried
	Fingerprint string          // digest of prompts and schemas

	// Parts are short digests of what the fingerprint covers, by their names: "input" and
	// "output" for the schemas of those, "prompt NAME" for a listed prompt's text, "answer
	// NAME" for the schema of its answer. They are not to be changed.
	Parts map[string]string

	listed []replaceable // beside Prompts; nil: cannot be replaced
}

// PromptInfo describes a prompt that a flow lists.
type PromptInfo struct {
	Name    string // the file's name without ".md"
	Purpose string
	Model   string // empty: the run's

	// Fallback are the models that are asked where Model cannot answer; see
	// Question.Fallback.
	Fallback []string

	Text   string // the file as it is
	Answer *schema.Schema

	Visible string // what a reader sees of the step, a line; may be empty
	Why     string // why that matters, a line; may be empty
}
