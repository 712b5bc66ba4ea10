package runfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// withholding says which events' bodies a file leaves out: those that hold a value which
// views hide, or which somebody wants left out, wherever in them it stands.
type withholding struct {
	mask *mask.Mask
	redactions

	// secret says that the run holds sensitive values. A digest of what is not beside it
	// might be one of those then, and short ones can be guessed.
	secret bool

	lost  map[string]bool   // what requests refer to, and is withheld: attempts, as messages name their answers
	told  map[string]bool   // the digests, as fields have them, of blobs that leave
	asked map[pawl.Key]bool // steps whose question to a person is withheld
}

// newWithholding learns from the whole history first: what is hidden late must not stand
// in what came before.
func newWithholding(events []pawl.Event, o Options) (*withholding, error) {
	st, err := replay.Fold(events)
	if err != nil {
		return nil, err
	}
	rec := st.Record()
	w := &withholding{mask: mask.Open(), lost: map[string]bool{}, told: map[string]bool{}, asked: map[pawl.Key]bool{}}
	if o.Flow != nil {
		w.mask = mask.Of(o.Flow)
	}
	w.mask.Record(rec)
	if w.redactions, err = redact(rec, o.Redact); err != nil {
		return nil, err
	}
	w.mask.LearnValues(w.values...)
	for _, e := range events {
		w.mask.Event(e)
	}
	w.secret = o.Flow != nil && w.mask.Knows() || len(o.Redact) > 0
	for _, key := range o.Keys { // which say nothing of a run in which they are not
		raw, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		w.mask.LearnValues(raw)
	}
	return w, nil
}

// holds reports whether an event's body, or a blob that it names, must not leave.
func (w *withholding) holds(e pawl.Event, blobs map[string][]byte) bool {
	if w.hides(e) || w.isEarly(e) || !isSame(w.mask.Event(e).Body, e.Body) {
		return true
	}
	names, err := blobsOf(e)
	for _, name := range names {
		if text := string(blobs[name]); w.mask.Line(text) != text {
			return true
		}
	}
	if err != nil || w.refersToLost(e) {
		return true
	}
	own := map[string]bool{}
	for _, name := range names {
		own[replay.FieldDigest(blobs[name])] = true
	}
	if w.secret && w.digestsUnseen(e, own) {
		return true
	}
	maps.Copy(w.told, own)
	return false
}

// lose remembers that an event is withheld, for the requests that build on it.
func (w *withholding) lose(e pawl.Event) {
	if e.Type == pawl.EventBlocker {
		w.asked[e.Key] = true
	}
	var body struct {
		Number int `json:"number"`
	}
	if (e.Type == pawl.EventIntent || e.Type == pawl.EventAttempt) && json.Unmarshal(e.Body, &body) == nil {
		w.lost[journal.AnswerOf(journal.Sent{Key: e.Key, Number: body.Number})] = true
	}
}

// refersToLost reports whether a request begins with that of an attempt, or sends back
// the answer of one, that is withheld: without it the request is not whole.
func (w *withholding) refersToLost(e pawl.Event) bool {
	if e.Type != pawl.EventIntent {
		return false
	}
	in, err := journal.Decode[journal.Intent](e)
	if err != nil || in.Request == nil {
		return err != nil
	}
	prior := in.Request.Prior
	return prior != nil && w.lost[journal.AnswerOf(*prior)] || slices.ContainsFunc(in.Request.Messages, func(m string) bool { return w.lost[m] })
}

// digestsUnseen reports whether an event has a digest of what is not in it, nor in a blob
// that it names, whose digests are own: of the fields that a step is about, of a do's
// input, or of a question. Messages that leave are seen.
func (w *withholding) digestsUnseen(e pawl.Event, own map[string]bool) bool {
	var b struct {
		Step   journal.Step `json:"step"`
		Digest string       `json:"digest"`
		Stale  string       `json:"stale"`
	}
	var fields map[string]string
	if json.Unmarshal(e.Body, &b) != nil || len(b.Step.Data) > 0 && json.Unmarshal(b.Step.Data, &fields) != nil {
		return true
	}
	for _, digest := range fields {
		if !own[digest] && !w.told[digest] {
			return true
		}
	}
	seen := e.Type == pawl.EventIntent && b.Step.Kind == pawl.KindAsk || e.Type == pawl.EventBlocker && b.Step.Kind != pawl.KindAsk && b.Step.Kind != pawl.KindDo
	return !seen && b.Step.Digest != "" || b.Stale != "" || e.Type == pawl.EventDecision && b.Digest != "" && w.asked[e.Key]
}

// isEarly reports whether an event may say, in any text, what the run's output is to hold
// that is sensitive and not known yet.
func (w *withholding) isEarly(e pawl.Event) bool {
	return w.mask.LacksOutput() && e.Type != pawl.EventCreated && e.Type != pawl.EventClaimed
}

// line returns a text as it may be told.
func (w *withholding) line(s string) string {
	if s != "" && w.mask.LacksOutput() {
		return mask.Hidden
	}
	return w.mask.Line(s)
}

// shown is an event without its body.
func (w *withholding) shown(e pawl.Event) (pawl.Event, error) {
	t := teller{line: w.line}
	if e.Type == pawl.EventCreated && !w.input {
		is, err := journal.Decode[journal.Created](e)
		if err != nil {
			return e, err
		}
		masked, err := journal.Decode[journal.Created](w.mask.Event(e))
		t.input = err == nil && isSame(is.Input, masked.Input)
	}
	return shown(e, t)
}

// errNoFlow says that nobody knows what of a run is sensitive.
var errNoFlow = errors.New("this program does not have the run's flow, which says what is sensitive")

// CheckFlow refuses a run of which nobody knows what may leave: one that was not imported,
// and whose flow is not there.
func CheckFlow(row journal.Row, f pawl.Flow) error {
	if f != nil || row.Imported {
		return nil
	}
	return &pawl.Error{Kind: pawl.ErrInput, Run: row.ID, Err: errNoFlow,
		Message: fmt.Sprintf("run %s is of flow %q, which this program does not have: so it cannot tell what of it is sensitive", row.ID, row.Flow)}
}
