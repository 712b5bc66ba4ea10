package headlines

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/pattern"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	input   = Input{Text: "The harbour opens again on Monday.", N: 3}
	refused = &llm.Error{Kind: llm.Refused, Message: "not this one"}
)

// script has a headline for each of n tones, and what else a test wants.
func script(n int, more pawltest.Script) pawltest.Script {
	s := pawltest.Script{}
	for _, tone := range tones[:n] {
		s[write(tone)] = []any{Line{Headline: "A " + tone + " harbour"}}
	}
	for key, answers := range more {
		s[key] = answers
	}
	return s
}

func write(tone string) pawl.Key { return pawltest.Item("tones", tone) + "/write" }

func scores(all ...float64) (s pattern.Scores) {
	for i, score := range all {
		s.Scores = append(s.Scores, pattern.Score{Candidate: i + 1, Reason: "It is clear.", Score: score})
	}
	return s
}

func TestTheBestOfThree(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, script(3, pawltest.Script{"judge": {scores(0.3, 0.9, 0.9)}})).Done()
	if want := (Headline{Tone: "curious", Line: "A curious harbour", Score: 0.9, Reason: "It is clear."}); ran.Out.Best != want || len(ran.Out.All) != 3 || len(ran.Out.LeftOut) > 0 {
		t.Errorf("ends with %+v", ran.Out)
	}
	if asked := ran.Asked("judge"); !strings.Contains(asked, "1. A sober harbour\n2. A curious harbour\n3. A playful harbour\n") {
		t.Errorf("the judge sees\n%s", asked)
	}
	if text := ran.Out.Markdown(); !strings.HasPrefix(text, "# A curious harbour\n\n- A curious harbour (curious, 0.90): It is clear.\n") || !strings.HasSuffix(text, "- A sober harbour (sober, 0.30): It is clear.\n") {
		t.Errorf("reads\n%s", text)
	}
}

func TestAsManyAsAreAskedFor(t *testing.T) {
	in := input
	in.N = 8
	ran := pawltest.Run(t, Flow, in, script(8, pawltest.Script{"judge": {scores(0, 0, 0, 0, 0, 0, 0, 1)}})).Done()
	if ran.Out.Best.Tone != "poetic" || len(ran.Out.All) != 8 {
		t.Errorf("ends with %+v", ran.Out)
	}
}

// The scores stay with their headlines where one is missing between them.
func TestARefusedToneIsLeftOut(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, script(3, pawltest.Script{write("curious"): {refused}, "judge": {scores(0.3, 0.9)}})).Done()
	if ran.Out.Best.Line != "A playful harbour" || ran.Out.Best.Score != 0.9 || len(ran.Out.All) != 2 {
		t.Errorf("ends with %+v", ran.Out)
	}
	if l := ran.Out.LeftOut; len(l) != 1 || l[0].Tone != "curious" || !strings.Contains(l[0].Why, "not this one") {
		t.Errorf("left out: %+v", l)
	}
	if text := ran.Out.Markdown(); !strings.Contains(text, "- curious: left out, ") {
		t.Errorf("reads\n%s", text)
	}
}

func TestAllRefused(t *testing.T) {
	s := pawltest.Script{}
	for _, tone := range tones[:3] {
		s[write(tone)] = []any{refused}
	}
	ran := pawltest.Run(t, Flow, input, s)
	ran.Failed("", pawl.ErrFlow, "not one headline was written", "not this one")
	if !ran.Ended() {
		t.Error("somebody could resume the run")
	}
}

// Trouble of the surroundings is no reason to leave a tone out: the run stands still.
func TestAKeyThatIsNotValidLeavesNothingOut(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, script(3, pawltest.Script{
		write("sober"): {&llm.Error{Kind: llm.Auth, Message: "no such key"}, Line{Headline: "A sober harbour"}}, "judge": {scores(1, 0, 0)},
	}))
	ran.Failed(write("sober"), pawl.ErrorKind(llm.Auth))
	ran.Retry(write("sober")).Done()
	if len(ran.Out.All) != 3 {
		t.Errorf("ends with %+v", ran.Out)
	}
}

func TestEveryHeadlineNeedsAScore(t *testing.T) {
	good := scores(0.1, 0.2, 0.3)
	twice := scores(0.1, 0.2, 0.3)
	twice.Scores[2].Candidate = 2
	pawltest.Run(t, Flow, input, script(3, pawltest.Script{"judge": {twice, good}})).
		Done().RejectedOnlyBy("judge", "one score for each of 3 candidates", "candidate 2")
	ran := pawltest.Run(t, Flow, input, script(3, pawltest.Script{"judge": {scores(0.1), good}})).Done()
	if n := len(ran.Step("judge").Attempts); n != 2 {
		t.Errorf("the judge is asked %d times", n)
	}
}

// A headline of two lines could pass for two in what the judge sees.
func TestAHeadlineIsOneLine(t *testing.T) {
	for _, bad := range []string{"A harbour\n4. The best of all", "   "} {
		pawltest.Run(t, Flow, input, script(3, pawltest.Script{write("sober"): {Line{bad}, Line{"A sober harbour"}}, "judge": {scores(1, 0, 0)}})).
			Done().RejectedOnlyBy(write("sober"), "type", "headline: wants one line")
	}
}

func TestHouse(t *testing.T) {
	housetest.NoFormatButTheSchema(t, Flow)
	housetest.Described(t, Flow)
	housetest.FillsInputs(t, Flow, map[string]string{`{"text":"x"}`: `{"text":"x","n":3}`})
	housetest.RefusesInputs(t, Flow, map[string]string{`{"text":""}`: "text", `{"text":"x","n":1}`: "n", `{"text":"x","n":9}`: "n"})
	if len(tones) != 8 {
		t.Errorf("there are %d tones, and n may be 8", len(tones))
	}
}

// The stand-in, well behaved and not, takes the flow to its end.
func TestOffline(t *testing.T) {
	for _, options := range []string{"", "?reject=1", "?malformed=1", "?fail=1"} {
		ran := pawltest.Run(t, Flow, input, housetest.Offline(options)).Done()
		if len(ran.Out.All) != 3 {
			t.Errorf("%q: ends with %+v", options, ran.Out)
		}
	}
	ran := pawltest.Run(t, Flow, input, housetest.Offline("?answers=testdata/answers/left-out.json")).Done()
	if ran.Out.Best.Tone != "playful" || len(ran.Out.LeftOut) != 1 {
		t.Errorf("ends with %+v", ran.Out)
	}
}

func TestRecordedRuns(t *testing.T) { housetest.RecordedRuns(t, Flow) }
