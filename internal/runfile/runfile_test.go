package runfile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

const (
	token = "tok-walrus-77" // of the input
	pin   = "pin-otter-55"  // of an answer
)

type letterIn struct {
	Topic string `json:"topic"`
	Token string `json:"token" pawl:"sensitive"`
}

type draft struct {
	Text string `json:"text"`
	Pin  string `json:"pin" pawl:"sensitive"`
}

// letter has what is sensitive in prompts, answers, complaints, notes, questions,
// proposals and the input of a do.
var letter = pawl.New("letter", "Writes a letter.", func(r *pawl.Run, in letterIn) (string, error) {
	d := pawl.Ask(r, "draft", pawl.Messages[draft]("Drafting", llm.User("about "+in.Topic+" with "+in.Token)).
		Gate("has a text", func(d draft) error {
			if d.Text == "" {
				return fmt.Errorf("no text beside %s", d.Pin)
			}
			return nil
		}))
	r.Note("drafted with %s and %s", in.Token, d.Pin)
	title := pawl.Ask(r, "title", pawl.Messages[string]("Naming", llm.User("a title for "+in.Topic)))
	pawl.Do(r, "send", in, func(context.Context, letterIn) (bool, error) { return true, nil })
	pawl.Approve(r, "publish", d, "Publish it with "+d.Pin+"?", pawl.Reasons("drop"))
	return title, nil
})

type plainIn struct {
	Topics []string `json:"topics"`
}

// plain has nothing to hide.
var plain = pawl.New("plain", "Names things.", func(r *pawl.Run, in plainIn) ([]string, error) {
	names := pawl.Map(r, "topics", in.Topics, func(r *pawl.Run, topic string) (string, error) {
		return pawl.Ask(r, "name", pawl.Messages[string]("Naming", llm.User("name "+topic))), nil
	})
	pawl.Do(r, "count", len(names), func(_ context.Context, n int) (int, error) { return n, nil })
	r.Note("named %d", len(names))
	return names, nil
})

func answers(by map[string][]string) llm.Catalog {
	return llm.Catalog{"test": llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
		all := by[req.Meta.Key]
		if len(all) == 0 {
			return llm.Response{Text: "answer to " + req.Meta.Key}, nil
		}
		by[req.Meta.Key] = all[1:]
		return llm.Response{Text: all[0]}, nil
	})}
}

// ran is a run at rest with its journal.
func ran(t *testing.T, f pawl.Flow, input string, by map[string][]string) (*local.Engine, *journal.Memory, pawl.RunID) {
	t.Helper()
	j := checktest.Memory(t)
	e := local.New(&local.Options{Journal: j, Models: answers(by), Model: "test", Flows: []pawl.Flow{f}})
	t.Cleanup(func() { e.Close(context.Background()) })
	id, err := e.Start(t.Context(), f, json.RawMessage(input), nil)
	if err == nil {
		_, err = e.Wait(t.Context(), id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e, j, id
}

func ranPlain(t *testing.T) (*local.Engine, *journal.Memory, pawl.RunID) {
	return ran(t, plain, `{"topics":["walrus","dögling"]}`, nil)
}

func ranLetter(t *testing.T) (*local.Engine, *journal.Memory, pawl.RunID) {
	return ran(t, letter, `{"topic":"tides","token":"`+token+`"}`, map[string][]string{"draft": {`{"text":"","pin":"` + pin + `"}`, `{"text":"Dear","pin":"` + pin + `"}`}})
}

func export(t *testing.T, j journal.Reader, id pawl.RunID, o runfile.Options) []byte {
	t.Helper()
	f, err := runfile.Export(t.Context(), j, id, o)
	if err != nil {
		t.Fatal(err)
	}
	data, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func decode(t *testing.T, data []byte) *runfile.File {
	t.Helper()
	f, err := runfile.Decode(data)
	if err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	return f
}

// bring imports a file into a new journal.
func bring(t *testing.T, data []byte) *journal.Memory {
	t.Helper()
	run, err := decode(t, data).Imported()
	if err != nil {
		t.Fatal(err)
	}
	j := checktest.Memory(t)
	if there, err := j.Import(t.Context(), run); err != nil || there {
		t.Fatalf("imported: there %v, %v", there, err)
	}
	return j
}

// A run is the same bytes wherever it is exported: twice, and where it was imported.
func TestSameBytes(t *testing.T) {
	for name, make := range map[string]func(*testing.T) (*local.Engine, *journal.Memory, pawl.RunID){"plain": ranPlain, "letter": ranLetter} {
		flow := map[string]pawl.Flow{"plain": plain, "letter": letter}[name]
		_, j, id := make(t)
		data := export(t, j, id, runfile.Options{Flow: flow})
		if again := export(t, j, id, runfile.Options{Flow: flow}); !bytes.Equal(again, data) {
			t.Errorf("%s: a second time it is\n%s\nand not\n%s", name, again, data)
		}
		if there := export(t, bring(t, data), id, runfile.Options{}); !bytes.Equal(there, data) {
			t.Errorf("%s: where it was imported it is\n%s\nand not\n%s", name, there, data)
		}
		var whole struct {
			Events []pawl.Event
			Record pawl.RunRecord
		}
		if err := json.Unmarshal(data, &whole); err != nil || whole.Record.ID != id || len(whole.Events) == 0 {
			t.Errorf("%s: as JSON it is %+v, %v", name, whole, err)
		}
	}
}

// Every byte that is flipped, taken away or put in is found.
func TestEveryByteCounts(t *testing.T) {
	_, j, id := ran(t, plain, `{"topics":["cat"]}`, nil)
	data := export(t, j, id, runfile.Options{Flow: plain})
	random := rand.New(rand.NewPCG(1, uint64(len(data))))
	every := 1
	if testing.Short() {
		every = 7
	}
	for i := 0; i < len(data); i += every {
		flipped := slices.Clone(data)
		flipped[i] ^= 1 << random.IntN(8)
		for what, spoiled := range map[string][]byte{
			"flipped": flipped, "removed": slices.Delete(slices.Clone(data), i, i+1),
			"added": slices.Insert(slices.Clone(data), i, " \n\"0a\x00"[random.IntN(6)]), "cut": data[:i],
		} {
			if f, err := runfile.Decode(spoiled); err == nil && !bytes.Equal(spoiled, data) {
				t.Fatalf("byte %d %s is not found: %d events in\n%s", i, what, len(f.Events), spoiled)
			}
		}
	}
	if _, err := runfile.Decode(append(slices.Clone(data), '\n')); err == nil {
		t.Error("a byte behind the end is not found")
	}
}

// The error says where, and which event is the first that is wrong.
func TestDecodeRefuses(t *testing.T) {
	_, j, id := ranPlain(t)
	data := string(export(t, j, id, runfile.Options{Flow: plain}))
	lines := strings.SplitAfter(data, "\n")
	without := func(at int) string { return strings.Join(slices.Delete(slices.Clone(lines), at, at+1), "") }
	first := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, `{"v"`) })
	last := slices.Index(lines, "\"blobs\":[\n") - 2
	for name, tt := range map[string]struct{ file, want string }{
		"empty":         {"", "no run that was exported"},
		"other JSON":    {`{"a":1}`, "no run that was exported"},
		"newer":         {strings.Replace(data, `"pawl_run":1,`, `"pawl_run":2,`, 1), "line 2: has another form than this program knows"},
		"event changed": {strings.Replace(data, "answer to topics[1]/name", "answer by somebody else", 1), " of run " + string(id) + " does not match its hash"},
		"event removed": {without(first + 3), "event 4 of run " + string(id) + " has number 5"},
		"last removed":  {strings.Replace(without(last), lines[last-1], strings.TrimSuffix(lines[last-1], ",\n")+"\n", 1), "not the last one that the head names"},
		"event twice":   {strings.Replace(data, lines[first+1], lines[first+1]+lines[first+1], 1), "event 3 of run " + string(id) + " has number 2"},
		"blob changed":  {strings.Replace(data, "name walrus", "name rat", 1), "has other bytes than its digest says"},
		"record":        {strings.Replace(data, `"status":"done"`, `"status":"failed"`, 1), "other bytes than its digest says, which are in no event"},
		"cut":           {data[:len(data)/2], "the file ends too early"},
		"tail":          {data + " ", "something follows"},
		"deep":          {strings.Replace(data, `"body":{`, `"body":{"x":`+strings.Repeat("[", 2000)+strings.Repeat("]", 2000)+`,`, 1), "event 1: it is nested deeper than"},
		"many":          {strings.Replace(data, `"body":{`, `"body":{"x":[`+strings.Repeat("0,", 1_100_000)+`0],`, 1), "event 1: it has more than"},
	} {
		_, err := runfile.Decode([]byte(tt.file))
		var e *pawl.Error
		if !errors.As(err, &e) || e.Kind != pawl.ErrInput || !strings.Contains(e.Message, tt.want) {
			t.Errorf("%s: %v, wants %q", name, err, tt.want)
		}
	}
}

// thief is a journal from which something was taken.
type thief struct {
	*journal.Memory
	spoil func([]pawl.Event) []pawl.Event
	blob  []byte // in place of every one; nil: as they are
}

func (s thief) Read(ctx context.Context, id pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error) {
	events, err := s.Memory.Read(ctx, id, after, limit)
	if s.spoil != nil {
		events = s.spoil(events)
	}
	return events, err
}

func (s thief) Blob(ctx context.Context, digest string) ([]byte, error) {
	if s.blob != nil {
		return s.blob, nil
	}
	return s.Memory.Blob(ctx, digest)
}

// Verify finds what is wrong with a stored run, its end included.
func TestVerify(t *testing.T) {
	_, j, id := ranPlain(t)
	rows, err := j.Runs(t.Context(), pawl.RunFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runfile.Verify(t.Context(), j, rows[0]); err != nil {
		t.Error(err)
	}
	for name, tt := range map[string]struct {
		j    thief
		want string
	}{
		"last removed": {thief{spoil: func(all []pawl.Event) []pawl.Event { return all[:len(all)-1] }}, fmt.Sprintf("has %d of its %d events", rows[0].LastSeq-1, rows[0].LastSeq)},
		"withheld":     {thief{spoil: forge}, "has another body than was recorded"},
		"one removed":  {thief{spoil: func(all []pawl.Event) []pawl.Event { return slices.Delete(all, 3, 4) }}, "event 4 of run " + string(id) + " has number 5"},
		"one changed": {thief{spoil: func(all []pawl.Event) []pawl.Event {
			all[4].Body = json.RawMessage(`{}`)
			return all
		}}, "event 5 of run " + string(id) + " does not match its hash"},
		"blob changed": {thief{blob: []byte("other")}, "has other bytes than its digest says"},
		"the end made anew": {thief{spoil: func(all []pawl.Event) []pawl.Event {
			last := &all[len(all)-1]
			last.Body = json.RawMessage(`{"output":["other"]}`)
			last.Hash = journal.Hash(all[len(all)-2].Hash, *last)
			return all
		}}, "is not the last one that was recorded"},
	} {
		tt.j.Memory = j
		_, err := runfile.Verify(t.Context(), tt.j, rows[0])
		if !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, wants %q", name, err, tt.want)
		}
	}
	for name, change := range map[string]func(*journal.Row){
		"status":      func(r *journal.Row) { r.Summary.Status = pawl.StatusFailed },
		"flow":        func(r *journal.Row) { r.Flow = "letter" },
		"model":       func(r *journal.Row) { r.Model = "other" },
		"program":     func(r *journal.Row) { r.Program = "other" },
		"base":        func(r *journal.Row) { r.Base = "other" },
		"begin":       func(r *journal.Row) { r.CreatedAt = pawl.At(r.CreatedAt.Add(time.Second)) },
		"last change": func(r *journal.Row) { r.UpdatedAt = pawl.At(r.UpdatedAt.Add(time.Second)) },
	} {
		row := rows[0]
		change(&row)
		if _, err := runfile.Verify(t.Context(), j, row); !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), "the list of runs has run") {
			t.Errorf("another %s in the list: %v", name, err)
		}
	}
}

// forge puts another answer in the place of the one that was recorded, and keeps the digest
// of that, as if a file had withheld it.
func forge(all []pawl.Event) []pawl.Event {
	for i, e := range all {
		if e.Type == pawl.EventAttempt && e.Key == "topics[0]/name" {
			all[i].BodyDigest = journal.Digest(e.Body)
			all[i].Body = bytes.ReplaceAll(e.Body, []byte("answer to topics[0]/name"), []byte("FORGED"))
		}
	}
	return all
}

// A forged answer leaves no journal, whether the run was imported or not.
func TestForgedIsNotExported(t *testing.T) {
	_, j, id := ranPlain(t)
	forged := thief{Memory: j, spoil: forge}
	if _, err := runfile.Export(t.Context(), forged, id, runfile.Options{Flow: plain}); !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), "another body than was recorded") {
		t.Errorf("a run of this journal: %v", err)
	}
	if _, err := runfile.Export(t.Context(), forged, id, runfile.Options{}); !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), "has a value all the same") {
		t.Errorf("an imported run: %v", err)
	}
	rows, err := j.Runs(t.Context(), pawl.RunFilter{})
	if err != nil {
		t.Fatal(err)
	}
	rows[0].Imported = true
	if _, err := runfile.Verify(t.Context(), forged, rows[0]); !errors.Is(err, pawl.ErrDatabase) || !strings.Contains(err.Error(), "has a value all the same") {
		t.Errorf("an imported run is verified: %v", err)
	}
}

// Nothing that is sensitive leaves, nor does the secret of the run.
func TestSecretsStay(t *testing.T) {
	_, j, id := ranLetter(t)
	events, err := j.Read(t.Context(), id, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	began, err := journal.Decode[journal.Created](events[0])
	if err != nil {
		t.Fatal(err)
	}
	secret, err := began.CallbackSecret(t.Context(), j)
	if err != nil || secret == "" {
		t.Fatal(secret, err)
	}
	data := export(t, j, id, runfile.Options{Flow: letter})
	for _, text := range []string{token, pin, secret, began.SecretDigest} {
		if bytes.Contains(data, []byte(text)) {
			t.Errorf("%q is in\n%s", text, data)
		}
	}
	f := decode(t, data)
	open := map[pawl.EventType]int{}
	for _, e := range f.Events {
		if e.BodyDigest == "" {
			open[e.Type]++
		}
	}
	if f.Withheld() == 0 || open[pawl.EventAttempt] != 2 || open[pawl.EventIntent] != 1 {
		t.Errorf("%d are withheld, and these are not: %v; wants the attempts of title and send, and the intent of title", f.Withheld(), open)
	}

	_, j, id = ranPlain(t)
	data = export(t, j, id, runfile.Options{Flow: plain, Keys: []string{"answer to topics[0]/name"}})
	if bytes.Contains(data, []byte("answer to topics[0]/name")) || decode(t, data).Withheld() != 2 {
		t.Errorf("a provider's key is in\n%s", data)
	}
}

func TestRedact(t *testing.T) {
	_, j, id := ranPlain(t)
	for what, tt := range map[string]struct {
		gone, stays []string
		err         string
	}{
		"topics[0]/name":  {[]string{"answer to topics[0]/name"}, []string{"answer to topics[1]/name", "name walrus"}, ""},
		"topics[*]/name":  {[]string{"answer to topics"}, []string{"name walrus"}, ""},
		"topics":          {[]string{"answer to topics"}, []string{"name walrus"}, ""},
		"input:topics[0]": {[]string{"walrus"}, []string{"name d"}, ""},
		"output":          {[]string{"answer to topics"}, []string{"name walrus"}, ""},
		"input:nothing":   {err: "the run has no such value"},
		"topic":           {err: `did you mean "topics"?`},
		"[":               {err: "it is no key of a step"},
	} {
		f, err := runfile.Export(t.Context(), j, id, runfile.Options{Flow: plain, Redact: []string{what}})
		if tt.err != "" {
			if !errors.Is(err, pawl.ErrInput) || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: %v, wants %q", what, err, tt.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if behind := slices.Sorted(slices.Values(f.Behind)); what == "topics[0]/name" && (slices.Contains(behind, pawl.Key(what)) || !slices.Contains(behind, "count")) ||
			what == "output" && len(behind) > 0 || what == "input:topics[0]" && !slices.Equal(behind, []pawl.Key{"count", "topics[0]/name", "topics[1]/name"}) {
			t.Errorf("%s: these are named as behind it: %v", what, f.Behind)
		}
		data, err := f.Encode()
		if err != nil || f.Withheld() == 0 {
			t.Errorf("%s: %d are withheld, %d unsalted, %v", what, f.Withheld(), f.Unsalted(), err)
		}
		decode(t, data)
		for _, text := range tt.gone {
			if bytes.Contains(data, []byte(text)) {
				t.Errorf("%s: %q is in\n%s", what, text, data)
			}
		}
		for _, text := range tt.stays {
			if !bytes.Contains(data, []byte(text)) {
				t.Errorf("%s: %q is not in\n%s", what, text, data)
			}
		}
	}
}

// What is withheld since it is sensitive cannot be guessed from its digest: each such body
// has something random in it.
func TestSalts(t *testing.T) {
	for name, spoil := range map[string]func(*local.Engine, pawl.RunID) error{
		"at rest": func(*local.Engine, pawl.RunID) error { return nil },
		"decided": func(e *local.Engine, id pawl.RunID) error {
			err := e.Decide(t.Context(), id, pawl.Decision{Key: "publish", What: pawl.DecideReject, Who: "anna", Comment: "not with " + pin, Reason: "drop"})
			if err == nil {
				_, err = e.Wait(t.Context(), id)
			}
			return err
		},
		"recorded": func(e *local.Engine, id pawl.RunID) error {
			return e.Record(t.Context(), id, pawl.Decision{Key: "publish", What: pawl.DecideApprove, Who: "anna", Comment: "even with " + pin})
		},
	} {
		e, j, id := ranLetter(t)
		if err := spoil(e, id); err != nil {
			t.Fatal(name, err)
		}
		f := decode(t, export(t, j, id, runfile.Options{Flow: letter}))
		if f.Withheld() < 7 || f.Unsalted() != 0 {
			t.Errorf("%s: of %d that are withheld %d are not salted", name, f.Withheld(), f.Unsalted())
		}
	}
}

type cardIn struct {
	Topic string `json:"topic"`
	Pin   string `json:"pin" pawl:"sensitive"`
}

var aboutCard = pawl.PromptText[cardIn, string]("purpose: Asking\nunused: Pin\n---\n# user\nabout {{.Topic}}\n")

// Nobody guesses a short value by the digest of its field.
func TestDigestsOfFieldsStay(t *testing.T) {
	card := pawl.New("card", "Asks.", func(r *pawl.Run, in cardIn) (string, error) {
		return pawl.Ask(r, "about", aboutCard.With(in)), nil
	}, pawl.Prompts(aboutCard))
	e, j, id := ran(t, card, `{"topic":"tides","pin":"4711"}`, nil)
	again, err := e.Start(t.Context(), card, nil, &pawl.StartOptions{Base: &pawl.Base{Run: id}})
	if err == nil {
		_, err = e.Wait(t.Context(), again)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range []pawl.RunID{id, again} {
		events, err := j.Read(t.Context(), run, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		data, digest := export(t, j, run, runfile.Options{Flow: card}), journal.Digest([]byte(`"4711"`))[7:23]
		was := slices.ContainsFunc(events, func(e pawl.Event) bool { return bytes.Contains(e.Body, []byte(digest)) })
		if !was || bytes.Contains(data, []byte(digest)) {
			t.Errorf("the digest of the pin was recorded: %v, and is in\n%s", was, data)
		}
	}
}

type pinOut struct {
	Pin string `json:"pin" pawl:"sensitive"`
}

// While it is not known what of an output is sensitive, no text leaves that might have it.
func TestOutputToComeStays(t *testing.T) {
	makes := pawl.New("makes", "Makes a pin.", func(r *pawl.Run, in letterIn) (pinOut, error) {
		made := pawl.Ask(r, "one", pawl.Messages[string]("Making", llm.User("make a pin")))
		r.Note("made %s", made)
		pawl.Ask(r, "two", pawl.Messages[string]("Checking "+made, llm.User("check "+made)))
		pawl.Approve(r, "ok", "fine", "Use "+made+"?", pawl.Reasons("drop"))
		return pinOut{made}, nil
	})
	for _, what := range []pawl.DecisionKind{"", pawl.DecideApprove} {
		e, j, id := ran(t, makes, `{"topic":"tides","token":"`+token+`"}`, map[string][]string{"one": {pin}})
		if what != "" {
			if err := e.Decide(t.Context(), id, pawl.Decision{Key: "ok", What: what, Who: "anna", Comment: "take " + pin}); err != nil {
				t.Fatal(err)
			}
			if _, err := e.Wait(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		if data := export(t, j, id, runfile.Options{Flow: makes}); bytes.Contains(data, []byte(pin)) {
			t.Errorf("decided %q: the pin is in\n%s", what, data)
		} else {
			decode(t, data)
		}
	}
}

// A text of several lines is found where code has quoted or indented it.
func TestLinesStay(t *testing.T) {
	quotes := pawl.New("quotes", "Quotes.", func(r *pawl.Run, in letterIn) (string, error) {
		return pawl.Ask(r, "quote", pawl.Messages[string]("Quoting", llm.User("> "+strings.ReplaceAll(in.Token, "\n", "\n> ")))), nil
	})
	for topic, what := range map[string][]string{"tides": nil, `a story of the walrus\nand more of it`: {"input:topic"}} {
		_, j, id := ran(t, quotes, `{"topic":"`+topic+`","token":"Patient Ada\nhas the flu and a long story\nand more"}`, nil)
		if data := export(t, j, id, runfile.Options{Flow: quotes, Redact: what}); bytes.Contains(data, []byte("has the flu and a long story")) {
			t.Errorf("a line is in\n%s", data)
		}
	}
}

// A record that says something else than the events is refused, though the file's digest
// is made anew for it. One of a program that knows less is not.
func TestRecordFollowsFromEvents(t *testing.T) {
	_, j, id := ranPlain(t)
	data := string(export(t, j, id, runfile.Options{Flow: plain}))
	at := strings.Index(data, `"record":`)
	record := data[at+len(`"record":`):]
	for name, tt := range map[string]struct{ record, want string }{
		"output":      {strings.Replace(record, "answer to topics[0]/name", "FORGED", 1), "record.output[0] says something else than the events"},
		"null":        {"null\n}\n", "the record is no object"},
		"twice":       {strings.Replace(record, "{", `{"id":"x",`, 1), "id: is given twice"},
		"more":        {strings.Replace(record, "{", `{"approved":true,`, 1), "record.approved says something else"},
		"fewer steps": {strings.Replace(record, `"steps":[`, `"steps":[],"xs":[`, 1), "record."},
		"less":        {strings.Replace(record, `"imported":false,`, "", 1), ""},
	} {
		if record == tt.record {
			t.Fatalf("%s: changes nothing", name)
		}
		whole := data[:at] + `"record":` + tt.record
		rest := whole[strings.Index(whole, "\"run\":"):]
		_, err := runfile.Decode([]byte(fmt.Sprintf("{\n\"pawl_run\":1,\n\"digest\":%q,\n", journal.Digest([]byte(rest))) + rest))
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case tt.want != "" && (!errors.Is(err, pawl.ErrInput) || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: %v, wants %q", name, err, tt.want)
		}
	}
}
