package email

import (
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	input    = Input{To: "Ada", About: "The meeting moves to Friday.", Tone: "friendly", MaxRevisions: 2}
	approved = Review{Issues: []string{}, Score: 0.9, Approved: true}
)

func mail(word string) Email { return Email{Subject: "Our meeting", Body: housetest.Text(40, word)} }

func denied(score float64, issue string) Review {
	return Review{Issues: []string{issue}, Score: score}
}

func TestApprovedAtOnce(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, pawltest.Script{"write": {mail("one")}, "review": {approved}}).Done()
	if ran.Out.Email != mail("one") || ran.Out.Revisions != 0 || ran.Out.NotApproved() != "" {
		t.Errorf("ends with %+v", ran.Out)
	}
	if got := ran.Calls(); !slices.Equal(got, []pawl.Key{"write", "review"}) {
		t.Errorf("calls %v", got)
	}
}

func TestRevisedWithTheIssues(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, pawltest.Script{
		"write": {mail("one")}, "review": {denied(0.4, "Say when.")}, "revise": {mail("two")}, "review#2": {approved},
	}).Done()
	if ran.Out.Email != mail("two") || ran.Out.Revisions != 1 {
		t.Errorf("ends with %+v", ran.Out)
	}
	if asked := ran.Asked("revise"); !strings.Contains(asked, "- Say when.\n") || !strings.Contains(asked, "one one") {
		t.Errorf("the revision was asked\n%s", asked)
	}
}

// Without an approved draft the best one is kept, and that it is not approved is said.
func TestTheBestOfWhatIsNotApproved(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, pawltest.Script{
		"write": {mail("one")}, "review": {denied(0.3, "Say when.")},
		"revise": {mail("two")}, "review#2": {denied(0.6, "Greet her.")},
		"revise#2": {mail("three")}, "review#3": {denied(0.5, "Too long.")},
	}).Done()
	if ran.Out.Email != mail("two") || ran.Out.Revisions != 2 || !strings.Contains(ran.Out.NotApproved(), "the best of 3 drafts is not approved: Greet her.") {
		t.Errorf("ends with %+v: %s", ran.Out, ran.Out.NotApproved())
	}
}

func TestDraftsAndReviewsAreHeldToTheirGates(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, pawltest.Script{
		"write":  {Email{Subject: "Our meeting", Body: "Friday."}, mail("one")},
		"review": {Review{Issues: []string{}, Score: 0.5}, approved},
	}).Done()
	ran.RejectedOnlyBy("write", "a body of 30 to 250 words", "has 1 word, wants 30 to 250")
	if n := len(ran.Step("review").Attempts); n != 2 {
		t.Errorf("a review without a reason was taken, after %d attempts", n)
	}
}

func TestHouse(t *testing.T) {
	housetest.NoFormatButTheSchema(t, Flow)
	housetest.Described(t, Flow)
	housetest.FillsInputs(t, Flow, map[string]string{`{"to":"Ada","about":"Friday"}`: `{"to":"Ada","about":"Friday","tone":"friendly","max_revisions":2}`})
	housetest.RefusesInputs(t, Flow, map[string]string{`{"to":"","about":"x"}`: "to", `{"to":"Ada"}`: "about", `{"to":"Ada","about":"x","max_revisions":6}`: "max_revisions"})
}

// The stand-in, well behaved and not, takes the flow to its end.
func TestOffline(t *testing.T) {
	for options, revisions := range map[string]int{"": 0, "?reject=1": 2, "?malformed=1": 0, "?fail=1": 0} {
		if ran := pawltest.Run(t, Flow, input, housetest.Offline(options)).Done(); ran.Out.Revisions != revisions {
			t.Errorf("%q: %d revisions, want %d", options, ran.Out.Revisions, revisions)
		}
	}
}

func TestRecordedRuns(t *testing.T) { housetest.RecordedRuns(t, Flow) }
