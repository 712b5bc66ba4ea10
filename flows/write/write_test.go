package write

import (
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/pattern"
	"github.com/pawlrun/pawl/pawltest"
)

var input = Input{Topic: "Tides"}

func TestEachRoute(t *testing.T) {
	for file, want := range map[string]struct {
		form, note string
		first      pawl.Key
	}{
		"article": {"article", "route: article (0.90): It asks how something works.", "article/outline"},
		"blog":    {"blog", "route: blog (0.90): It is a story of one's own.", "blog/plan"},
		"unsure":  {"article", "route: article, since 0.59 for blog is under 0.60: It could be either.", "article/outline"},
	} {
		ran := pawltest.Run(t, Flow, input, housetest.Offline("?answers=testdata/answers/"+file+".json")).Done()
		if ran.Out.Form != want.form || !strings.HasPrefix(ran.Out.Text, "# ") || ran.Out.Reason == "" {
			t.Errorf("%s: ends with %+v", file, ran.Out)
		}
		if calls := ran.Calls(); len(calls) < 4 || calls[0] != "route" || calls[1] != want.first {
			t.Errorf("%s: calls %v", file, calls)
		}
		if !slices.Contains(ran.Notes, want.note) {
			t.Errorf("%s: notes %q, want %q", file, ran.Notes, want.note)
		}
	}
}

// A text that its own flow does not approve is not approved here, on either route.
func TestNotApproved(t *testing.T) {
	for _, form := range []string{"article", "blog"} {
		ran := pawltest.Run(t, Flow, input, housetest.Offline("?reject=1&answers=testdata/answers/"+form+".json")).Done()
		if ran.Out.Form != form || ran.Out.Flaw == "" || ran.Reason != "not approved: "+ran.Out.Flaw {
			t.Errorf("%s: flaw %q, reason %q", form, ran.Out.Flaw, ran.Reason)
		}
	}
}

func TestTheRouterChoosesAmongTheForms(t *testing.T) {
	other := pattern.Choice[Form]{Reason: "It rhymes.", Route: "poem", Confidence: 1}
	ran := pawltest.Run(t, Flow, input, pawltest.Script{"route": {other, &llm.Error{Kind: llm.Refused, Message: "no"}}})
	ran.Failed("route", pawl.ErrorKind(llm.Refused))
	if a := ran.Step("route").Attempts; len(a) != 2 || len(a[0].Gates) == 0 || a[0].Gates[0].OK {
		t.Errorf("a poem was taken: %s", housetest.JSON(a))
	}
}

func TestHouse(t *testing.T) {
	housetest.NoFormatButTheSchema(t, Flow)
	housetest.Described(t, Flow)
	housetest.FillsInputs(t, Flow, map[string]string{`{"topic":"x"}`: `{"topic":"x"}`})
	housetest.RefusesInputs(t, Flow, map[string]string{`{"topic":""}`: "topic", `{"topic":" "}`: "topic: is blank", `{}`: "topic"})
}

// The stand-in, well behaved and not, takes the flow to its end.
func TestOffline(t *testing.T) {
	for _, options := range []string{"", "?reject=1", "?malformed=1", "?fail=1"} {
		ran := pawltest.Run(t, Flow, input, housetest.Offline(options)).Done()
		if (ran.Out.Flaw != "") != (options == "?reject=1") {
			t.Errorf("%q: flaw %q", options, ran.Out.Flaw)
		}
	}
}

func TestRecordedRuns(t *testing.T) { housetest.RecordedRuns(t, Flow) }
