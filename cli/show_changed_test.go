package cli

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

type line struct {
	Text string `json:"text"`
}

type longLine struct {
	Text string `json:"text"`
	Note string `json:"note"`
}

// said is a flow that lists one prompt, and another one if there is one.
func said[Out any](text string, more ...interface{ Info() pawl.PromptInfo }) pawl.Flow {
	p := pawl.PromptText[topic, Out]("purpose: Saying\n---\n# user\n" + text + " {{.Topic}}\n")
	return pawl.New("say", "Say something.", func(r *pawl.Run, in topic) (Out, error) {
		return pawl.Ask(r, "say", p.With(in)), nil
	}, pawl.Prompts(append(more, p)...))
}

// Show says what of a run's flow is another one than it was begun with.
func TestShowSaysWhatHasChanged(t *testing.T) {
	more := pawl.PromptText[topic, string]("purpose: Adding\n---\n# user\n{{.Topic}}\n")
	c := newCommand(t, said[line]("Say"))
	c.ok("run", "say", "--topic", "tides", "--model", "offline", "--json")
	for _, tt := range []struct {
		name    string
		flow    pawl.Flow
		changed []string
	}{
		{"nothing", said[line]("Say"), []string{}},
		{"a prompt", said[line]("Tell"), []string{"prompt saying"}},
		{"an answer", said[longLine]("Say"), []string{"answer saying", "output"}},
		{"one more", said[line]("Say", more), []string{"prompt adding"}},
		{"another flow", echo("echo"), nil},
	} {
		c.flows = []pawl.Flow{tt.flow}
		out, _ := c.ok("show", "last", "--json")
		var rec pawl.RunRecord
		if err := json.Unmarshal([]byte(out), &rec); err != nil {
			t.Fatal(err)
		}
		if got, want := rec.Begun.Changed, tt.changed; strings.Join(got, ", ") != strings.Join(want, ", ") || (got == nil) != (want == nil) {
			t.Errorf("%s: changed is %q, want %q", tt.name, got, want)
		}
		out, _ = c.ok("show", "last")
		if says := strings.Contains(out, "\nchanged "); says != (len(tt.changed) > 0) || says && !strings.Contains(out, "in the flow since it began: "+tt.changed[0]) {
			t.Errorf("%s: show says\n%s", tt.name, out)
		}
	}
}

// Of a run that an older program began it is known that its flow is another one.
func TestShowOfAnOlderRunThatHasChanged(t *testing.T) {
	c := newCommand(t, said[line]("Say"))
	c.ok("runs")
	db, err := sqlite.Open(context.Background(), filepath.Join(c.env["PAWL_DATA"]), nil)
	if err != nil {
		t.Fatal(err)
	}
	older := journal.Created{Flow: "say", Fingerprint: "sha256:0", Model: "offline", Input: json.RawMessage(`{"topic":"tides"}`)}
	row := journal.NewRun{ID: pawl.NewRunID(), Flow: "say", Model: "offline", Queued: true, Summary: journal.Summary{Status: pawl.StatusQueued}}
	if _, err := db.Create(context.Background(), row, []journal.Draft{{Type: pawl.EventCreated, At: pawl.At(time.Now()), Body: older}}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if out, _ := c.ok("show", "last"); !strings.Contains(out, "the flow's prompts or types are others now") {
		t.Errorf("show says\n%s", out)
	}
}
