package blog_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/blog"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/pawltest"
)

func key(scope string, i int) pawl.Key { return pawl.Key(fmt.Sprintf("%s[%d]/write", scope, i)) }

// target_length was once passed to a prompt without a place for it.
func TestTheTargetLengthReachesTheWriteRequest(t *testing.T) {
	s := script()
	p := planOf(fourTypes...)
	for i, n := range []int{90, 110, 80, 120} {
		p.Sections[i].TargetLength = n
	}
	s["plan"] = []any{p}
	ran := pawltest.Run(t, blog.Flow, input, s).Done()
	for i, want := range []string{
		"about 90 words, in any case 45 to 135 words", "about 110 words, in any case 55 to 165 words",
		"about 80 words, in any case 40 to 120 words", "about 120 words, in any case 60 to 180 words",
	} {
		if got := ran.Asked(key("sections", i)); !strings.Contains(got, want) {
			t.Errorf("the request for section %d lacks %q:\n%s", i+1, want, got)
		}
	}
	if got := ran.Asked("plan"); !strings.Contains(got, "must add up to 400") {
		t.Errorf("the request for the plan lacks the target length:\n%s", got)
	}
}

// previous_sections was once passed to a prompt without a place for it.
func TestASectionSeesWhatIsPromised(t *testing.T) {
	for _, parallel := range []bool{false, true} {
		in := input
		in.Parallel = parallel
		ran := pawltest.Run(t, blog.Flow, in, script()).Done()
		for i := range fourTypes {
			got := ran.Asked(key("sections", i))
			for j := range fourTypes {
				text := fmt.Sprintf("text%d text%d", j, j)
				if has, want := strings.Contains(got, text), !parallel && j < i; has != want {
					t.Errorf("parallel %v: the request for section %d has the text of section %d: %v", parallel, i+1, j+1, has)
				}
			}
			for j, typ := range fourTypes {
				line := fmt.Sprintf("%d. %s, 100 words\n", j+1, typ)
				if parallel {
					line = fmt.Sprintf("%d. %s, 100 words: Covers %s.", j+1, typ, typ)
				}
				if !strings.Contains(got, line) {
					t.Errorf("parallel %v: the request for section %d lacks %q of the plan", parallel, i+1, line)
				}
			}
		}
	}
}

// In parallel all reworked sections see the post as it was reviewed.
func TestParallelReworkSeesTheReviewedPost(t *testing.T) {
	s := script()
	s["review"] = []any{reviewOf(0.2, blog.Edit{SectionName: "example", SuggestedEdit: "Name a harbour."})}
	s["rework[0]/write"], s["rework[1]/write"] = []any{draftOf(100, "new1")}, []any{draftOf(100, "new2")}
	s["review#2"] = []any{reviewOf(0.9)}
	in := input
	in.Parallel = true
	ran := pawltest.Run(t, blog.Flow, in, s).Done()
	for i := range 2 {
		if got := ran.Asked(key("rework", i)); strings.Contains(got, "new") || !strings.Contains(got, "text3 text3") {
			t.Errorf("the request to rework %d does not carry the post as it was reviewed:\n%s", i, got)
		}
	}
}

// Results were once keyed by type, so that equal types overwrote each other.
func TestTwoSectionsOfATypeAreBothKept(t *testing.T) {
	ran := pawltest.Run(t, blog.Flow, input, script()).Done()
	if len(ran.Out.Sections) != 4 {
		t.Fatalf("%d sections, want 4", len(ran.Out.Sections))
	}
	for i, s := range ran.Out.Sections {
		if s.SectionType != fourTypes[i] || !strings.HasPrefix(s.Content, fmt.Sprintf("text%d ", i)) {
			t.Errorf("section %d is %s: %.20s", i+1, s.SectionType, s.Content)
		}
	}
}

// Six sections of 100 ms are in flight at once, the first to be asked is the
// last to answer, and the output is in the order of the plan.
func TestParallelSectionsAreInFlightAtOnce(t *testing.T) {
	const latency = 100 * time.Millisecond
	for _, c := range []struct {
		parallel bool
		inFlight int
		took     time.Duration
	}{
		{true, 6, 3 * latency},
		{false, 1, 8 * latency},
	} {
		t.Run(fmt.Sprint(c.parallel), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				types := []string{"a", "b", "c", "d", "e", "f"}
				answers := pawltest.Script{"plan": {planOf(types...)}, "review": {reviewOf(0.9)}}
				for i := range types {
					answers[key("sections", i)] = []any{draftOf(100, types[i])}
				}
				var mu sync.Mutex
				inFlight, most := 0, 0
				slow := llm.Func(func(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
					mu.Lock()
					inFlight++
					most = max(most, inFlight)
					mu.Unlock()
					<-time.After(latency)
					mu.Lock()
					inFlight--
					mu.Unlock()
					return answers.Generate(ctx, req, stream)
				})
				begin := time.Now()
				ran := pawltest.Run(t, blog.Flow, blog.Input{
					Topic: "Tides", TargetLength: 600, MinCohesion: 0.7, Parallel: c.parallel,
				}, slow).Done()
				if took := time.Since(begin); took != c.took || most != c.inFlight {
					t.Errorf("took %v with %d calls in flight at most, want %v with %d", took, most, c.took, c.inFlight)
				}
				for i, s := range ran.Out.Sections {
					if s.SectionType != types[i] || !strings.HasPrefix(s.Content, types[i]+" ") {
						t.Errorf("section %d is %s: %.9s", i+1, s.SectionType, s.Content)
					}
				}
			})
		})
	}
}

// Whichever section answers first, the output is in the order of the plan.
func TestOutputOrderIsThePlansWhateverAnswersFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scripted := script()
		late := map[string]time.Duration{"sections[0]/write": 4, "sections[1]/write": 3, "sections[2]/write": 2, "sections[3]/write": 1}
		model := llm.Func(func(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
			<-time.After(late[req.Meta.Key] * time.Second)
			return scripted.Generate(ctx, req, stream)
		})
		in := input
		in.Parallel = true
		ran := pawltest.Run(t, blog.Flow, in, model).Done()
		for i, s := range ran.Out.Sections {
			if !strings.HasPrefix(s.Content, fmt.Sprintf("text%d ", i)) {
				t.Errorf("section %d is %.9s", i+1, s.Content)
			}
		}
		if got := ran.Notes[1]; got != "Section 4 of 4 written: conclusion, 103 words of about 100" {
			t.Errorf("the note of the first finished section is %q", got)
		}
	})
}

// Sections were once kept on an object that a second call inherited.
func TestTwoRunsAtOnceShareNothing(t *testing.T) {
	housetest.ShareNothing(t, blog.Flow, "?reject=1", map[string]blog.Input{
		"alphaville": {Topic: "alphaville", Parallel: true, MinCohesion: 0.7},
		"betatown":   {Topic: "betatown", MinCohesion: 0.7},
	})
}
