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
