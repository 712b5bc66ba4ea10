package journaltest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/searched"
)

// findRuns looks for texts in old runs and in new ones, which a journal may find otherwise:
// among many, each special one is there twice.
func findRuns(t *testing.T, b bench) {
	const many = 150
	inputs := []string{
		`{"topic":"Ebbe und ÜBERGRÖSSE","n":4711}`,
		`{"topic":"東京の港"}`,
		`{"topic":"say \"hi\"\nthere","path":"C:\\tmp"}`,
		`{"topic":"` + strings.Repeat("ä", (searched.Bytes-len(`{"topic":"`)-len("within"))/2) + `withinbeyond"}`,
		`{"topic":"50%_of*it","b":"a\u003cb"}`,
		`{"topic":"zq"}`,
		`{"topic":"a question"}`,
		`{"topic":"another question"}`,
	}
	for i := range many {
		run := newRun(pawl.RunID(fmt.Sprintf("run%03d", i)))
		run.Flow = []string{"article", "blog"}[i%2]
		first := created()
		input := fmt.Sprintf(`{"topic":"Number %d of MANY"}`, i)
		special := i % (many - len(inputs))
		if special < len(inputs) {
			input = inputs[special]
		}
		first.Body = journal.Created{Flow: run.Flow, Input: json.RawMessage(input)}
		c, err := b.j.Create(b.ctx(), run, []journal.Draft{first})
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case special == 6:
			b.mustAppend(c, journal.Batch{Drafts: []journal.Draft{blocker("x", "why?")}, Summary: &journal.Summary{Status: pawl.StatusFailed, Reason: "The Größe is WRONG"}})
		case special == 7:
			b.mustAppend(c, journal.Batch{Drafts: []journal.Draft{note("x")}, Model: "Other/Model"})
		case i >= 40 && i < 45:
			b.mustAppend(c, journal.Batch{Drafts: []journal.Draft{note("x")}, Summary: &journal.Summary{Status: pawl.StatusPaused}})
		}
	}
	both := func(special int) string {
		return fmt.Sprintf("run%03d run%03d", special+many-len(inputs), special)
	}
	for _, test := range []struct {
		filter pawl.RunFilter
		want   string
	}{
		{pawl.RunFilter{Text: "number 100 OF many"}, "run100"},
		{pawl.RunFilter{Text: "umber 11 o"}, "run011"},
		{pawl.RunFilter{Text: "many number"}, ""}, // its words, and not the text
		{pawl.RunFilter{Text: "zanzibar"}, ""},
		{pawl.RunFilter{Text: "number", Limit: 3}, "run141 run140 run139"},
		{pawl.RunFilter{Text: "number", Limit: 3, After: "run140"}, "run139 run138 run137"},
		{pawl.RunFilter{Text: "number", Limit: 2, After: "run009"}, "run008"},
		{pawl.RunFilter{Text: "number 1", Limit: 2, After: "run015", Flow: "blog"}, "run013 run011"},
		{pawl.RunFilter{Text: "number", Statuses: []pawl.Status{pawl.StatusPaused}, Limit: 2}, "run044 run043"},
		{pawl.RunFilter{Text: "number", Statuses: []pawl.Status{pawl.StatusPaused}, Flow: "blog"}, "run043 run041"},
		{pawl.RunFilter{Text: "number", Prefix: "run02", After: "run022"}, "run021 run020"},
		{pawl.RunFilter{Text: "number", Prefix: "\xff"}, ""},
		{pawl.RunFilter{Text: "RUN13"}, "run139 run138 run137 run136 run135 run134 run133 run132 run131 run130"},
		{pawl.RunFilter{Text: "übergrösse"}, both(0)},
		{pawl.RunFilter{Text: "ÜBER"}, both(0)},
		{pawl.RunFilter{Text: `"n":4711`}, both(0)},
		{pawl.RunFilter{Text: "東京の"}, both(1)},
		{pawl.RunFilter{Text: "東京"}, both(1)},
		{pawl.RunFilter{Text: "港"}, both(1)},
		{pawl.RunFilter{Text: "港", Limit: 1}, "run143"},
		{pawl.RunFilter{Text: `say "hi"`}, both(2)},
		{pawl.RunFilter{Text: `say \"hi`}, both(2)},
		{pawl.RunFilter{Text: "hi\"\nthere"}, both(2)},
		{pawl.RunFilter{Text: `c:\tmp`}, both(2)},
		{pawl.RunFilter{Text: "äwithin"}, both(3)},
		{pawl.RunFilter{Text: "beyond"}, ""}, // what is looked at of a long input
		{pawl.RunFilter{Text: "50%_of*"}, both(4)},
		{pawl.RunFilter{Text: "50__of"}, ""},
		{pawl.RunFilter{Text: "a<b"}, both(4)},
		{pawl.RunFilter{Text: "ZQ"}, both(5)},
		{pawl.RunFilter{Text: "größe IS wrong"}, both(6)},
		{pawl.RunFilter{Text: "GRÖßE"}, both(6)},
		{pawl.RunFilter{Text: "is wrong", Statuses: []pawl.Status{pawl.StatusRunning}}, ""},
		{pawl.RunFilter{Text: "question", Statuses: []pawl.Status{pawl.StatusFailed}}, both(6)},
		{pawl.RunFilter{Text: "OTHER/m"}, both(7)},
		{pawl.RunFilter{Text: "\x00"}, ""},
		{pawl.RunFilter{Text: "zan\x00zi\xffbar"}, ""},
		{pawl.RunFilter{Text: `"`, Flow: "none"}, ""},
		{pawl.RunFilter{Text: `" OR "num`}, ""},
	} {
		var got []string
		for _, row := range b.runs(test.filter) {
			got = append(got, string(row.ID))
		}
		if is := strings.Join(got, " "); is != test.want {
			t.Errorf("runs for %+v are %q, want %q", test.filter, is, test.want)
		}
	}
	b.wantOpen(pawl.RunFilter{Text: "question"}, "run006:x@3 run148:x@3")
	b.wantOpen(pawl.RunFilter{Text: "question", Limit: 1}, "run006:x@3")
	b.wantOpen(pawl.RunFilter{Text: "zanzibar"}, "")
	for _, part := range []int{1, 7, 64, 200} { // all runs, in parts
		f := pawl.RunFilter{Text: "o", Limit: part}
		all := map[pawl.RunID]bool{}
		for rows := b.runs(f); len(rows) > 0; rows = b.runs(f) {
			for _, row := range rows {
				all[row.ID] = true
			}
			f.After = rows[len(rows)-1].ID
		}
		if len(all) != many {
			t.Errorf("in parts of %d there are %d runs", part, len(all))
		}
	}
}
