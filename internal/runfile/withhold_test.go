package runfile_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

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
