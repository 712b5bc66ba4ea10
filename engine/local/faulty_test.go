package local_test

import (
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/openai"
	"github.com/pawlrun/pawl/llm/openaichat"
)

var faultyRuns = flag.Int("faulty", 0, "how many runs to make with a faulty vendor (0: 200, with -short 30)")

// faultyShare of a faulty vendor's answers are not the plain ones.
const faultyShare = 0.2

// faultyVendor answers both APIs, and keeps its own books.
type faultyVendor struct {
	seed   uint64
	manner manner
	fast   bool // no fault that takes more than a second, or ends differently over TCP

	mu       sync.Mutex
	healthy  bool
	requests int   // all of them
	calls    int64 // those that were not refused for how they were put
	used     llm.Usage
	refused  int64    // attempts of which each request was
	silent   int      // answers without counts, whole or in part
	played   []fault  // in order
	log      []string // of all
	notTill  map[string]time.Time
	early    []string // calls that came before a delay was over
}

// on is the script. What it answers depends on the seed and on the request alone, and on
// how often that has come, so that the order of calls made at once does not count.
func (v *faultyVendor) on(c responsestest.Call) responsestest.Reply {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.requests++
	if sentence := v.manner.refusal(c); sentence != "" {
		return responsestest.Status(400, "", sentence)
	}
	v.calls++
	if until := v.notTill[c.Digest]; time.Now().Before(until) {
		v.early = append(v.early, fmt.Sprintf("call %d, %s too early", c.N, time.Until(until)))
	}
	h := fnv.New64a()
	fmt.Fprint(h, c.Digest, " ", c.Nth)
	r := rand.New(rand.NewPCG(v.seed, h.Sum64()))
	f := fault{name: "plain", told: counted, play: func(_ responsestest.Call, good string) responsestest.Reply { return responsestest.Text(good) }}
	if !v.healthy && r.Float64() < faultyShare {
		f = v.draw(r)
		v.played = append(v.played, f)
	}
	v.notTill[c.Digest] = time.Now().Add(f.wait)
	v.log = append(v.log, fmt.Sprintf("call %d (%s, streamed: %t): %s", c.N, c.API, c.Stream, f.name))
	return v.count(f, c, r)
}

func (v *faultyVendor) draw(r *rand.Rand) fault {
	faults := transientFaults
	if r.IntN(12) == 0 {
		faults = lastingFaults
	}
	for {
		f := faults[r.IntN(len(faults))]
		if !v.fast || !f.slow && !f.racy && f.wait == 0 {
			return f
		}
	}
}

// count answers, and books what the caller is told.
func (v *faultyVendor) count(f fault, c responsestest.Call, r *rand.Rand) responsestest.Reply {
	u := llm.Usage{InputTokens: 20 + r.Int64N(500), OutputTokens: 1 + r.Int64N(200)}
	u.CachedTokens = r.Int64N(u.InputTokens + 1)
	switch {
	case f.told == counted:
		v.used.InputTokens += u.InputTokens
		v.used.OutputTokens += u.OutputTokens
		v.used.CachedTokens += u.CachedTokens
	case !c.Stream && (f.name == "an error in the stream" || c.API == responsestest.Chat && (f.name == "failed" || f.name == "an error beside a choice")):
		// an error in the place of choices is no answer
	case f.told == uncounted && (c.Stream || !f.ofStreams):
		v.silent++
	}
	reply := f.play(c, goodAnswer(c)).Usage(u.InputTokens, u.OutputTokens, u.CachedTokens)
	return reply.Reasoning(r.Int64N(u.OutputTokens))
}

func goodAnswer(c responsestest.Call) string {
	if strings.Contains(c.Prompt(), "Rate") {
		return `{"title":"A good title","score":7,"tags":["good","short"]}`
	}
	return "A good text of some words, which says something."
}

type rating struct {
	Title string   `json:"title"`
	Score int      `json:"score" pawl:"min=0,max=9"`
	Tags  []string `json:"tags" pawl:"items=1..3"`
}

// faultyFlow asks for texts and values, one after another and at once, takes a failure
// as a value and has a second model.
func faultyFlow(models []string) pawl.Flow {
	good := func(s string) error {
		if !strings.Contains(s, "good") {
			return errors.New("says nothing good")
		}
		return nil
	}
	write := func(what string) pawl.Question[string] {
		return pawl.Messages[string](what, llm.System("You write."), llm.User(what)).Gate("good text", good).Tries(2).Repairs(1)
	}
	rate := func(what string) pawl.Question[rating] {
		return pawl.Messages[rating]("Rate "+what, llm.System("You rate."), llm.User("Rate "+what+" as JSON.")).
			Gate("good title", func(r rating) error { return good(r.Title) })
	}
	return pawl.New("faulty", "Writes and rates.", func(r *pawl.Run, in topic) (string, error) {
		out := pawl.Ask(r, "plan", write("Plan."))
		pawl.Map(r, "parts", []string{"one", "two", "three", "four"}, func(r *pawl.Run, part string) (string, error) {
			v := pawl.Ask(r, "rate", rate(part))
			return pawl.Ask(r, "write", write("Write "+part+" on "+v.Title)), nil
		}, pawl.Limit(3))
		if note, err := pawl.TryAsk(r, "note", write("Note.")); err == nil {
			out += note
		}
		pawl.Ask(r, "sum", rate("all").Fallback(models[1]))
		return out + pawl.Ask(r, "end", write("End.").Fallback(models[1])), nil
	})
}

// TestFaultyVendor: runs with a vendor a fifth of whose answers are faults. Each ends, or
// stands still and says at what; once the vendor is well it goes on to its end. Calls and
// tokens are the vendor's own, or unknown where the vendor said nothing.
func TestFaultyVendor(t *testing.T) {
	n := *faultyRuns
	switch {
	case n == 0 && testing.Short():
		n = 30
	case n == 0:
		n = 200
	}
	sum := faultySum{faults: map[string]int{}}
	for seed := *firstSeed; seed < *firstSeed+uint64(n) && !t.Failed(); seed++ {
		synctest.Test(t, func(t *testing.T) {
			srv := responsestest.NewInMemory(t)
			sum.add(tryFaulty(t, srv, &faultyVendor{seed: seed}))
		})
		if t.Failed() {
			t.Logf("try it again with -run TestFaultyVendor$ -faulty 1 -seed %d", seed)
		}
	}
	t.Log(sum)
	if *faultyRuns == 0 && !t.Failed() {
		sum.check(t)
	}
}

// TestFaultyVendorOverSockets does so with TCP, where no time can be skipped.
func TestFaultyVendorOverSockets(t *testing.T) {
	for seed := uint64(1); seed <= 4; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			tryFaulty(t, responsestest.New(t), &faultyVendor{seed: seed, fast: true})
		})
	}
}

// tryFaulty makes a run with a faulty vendor and reports how it first came to rest.
func tryFaulty(t *testing.T, srv *responsestest.Server, v *faultyVendor) (pawl.Status, *faultyVendor) {
	r := rand.New(rand.NewPCG(v.seed, 0))
	v.manner, v.notTill = manners[r.IntN(len(manners))], map[string]time.Time{}
	models := []string{"openai/one", "openai-chat/two"}
	r.Shuffle(2, func(i, j int) { models[i], models[j] = models[j], models[i] })
	srv.On(v.on)
	f := faultyFlow(models)
	e := local.New(&local.Options{Journal: checktest.Memory(t), Model: models[0], Flows: []pawl.Flow{f}, Models: llm.Catalog{
		"openai":      openai.New(&openai.Options{APIKey: "sk-test", BaseURL: srv.URL(), HTTPClient: srv.Client()}),
		"openai-chat": openaichat.New(&openaichat.Options{BaseURL: srv.URL(), HTTPClient: srv.Client()}),
	}})
	defer e.Close(t.Context())

	rec := finish(t, e, f)
	v.check(t, rec)
	first := rec.Status
	v.heal()
	for range 10 { // steps that stand, one behind another
		if rec.Status == pawl.StatusDone {
			break
		}
		resume(t, e, rec.ID)
		rec = follow(t, e, rec.ID)
		v.check(t, rec)
	}
	if rec.Status != pawl.StatusDone {
		t.Errorf("the vendor is well, and the run is %s (%s)", rec.Status, rec.Reason)
	}
	if bad := srv.Violations(); len(bad) > 0 {
		t.Errorf("violations %q", bad)
	}
	if t.Failed() {
		t.Logf("manner %s of %v; %s", v.manner, models, strings.Join(v.log, "\n"))
	}
	return first, v
}

func (v *faultyVendor) heal() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.healthy = true
}

// check holds a record against the vendor's books.
func (v *faultyVendor) check(t *testing.T, rec pawl.RunRecord) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	requests, refused := 0, int64(0)
	for _, s := range rec.Steps {
		for _, a := range s.Attempts {
			if requests += a.Requests; v.manner.refused(a) {
				refused++
			}
		}
	}
	if rec.Usage.ModelCalls != v.calls+refused || requests != v.requests {
		t.Errorf("%d calls in %d requests are recorded, the vendor had %d in %d, and refused all of %d more", rec.Usage.ModelCalls, requests, v.calls, v.requests, refused)
	}
	v.refused = refused
	if got := recordedTokens(rec); got != v.used {
		t.Errorf("attempts took %+v, the vendor counted %+v", got, v.used)
	}
	u := rec.Usage
	if known := u.InputTokens != nil && u.OutputTokens != nil && u.CachedTokens != nil; known != (v.silent == 0 && v.used.InputTokens > 0) {
		t.Errorf("tokens are known: %t, with %d answers that were not counted, and %+v of others", known, v.silent, v.used)
	} else if known && (llm.Usage{InputTokens: *u.InputTokens, OutputTokens: *u.OutputTokens, CachedTokens: *u.CachedTokens}) != v.used {
		t.Errorf("the run took %d, %d and %d, the vendor counted %+v", *u.InputTokens, *u.OutputTokens, *u.CachedTokens, v.used)
	}
	for _, early := range v.early {
		t.Error(early)
	}
	if rec.Status == pawl.StatusDone {
		return
	}
	if rec.Status != pawl.StatusFailed || len(rec.Blockers) == 0 {
		t.Errorf("the run is %s (%s), blockers %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	for _, b := range rec.Blockers {
		if b.Kind != pawl.BlockerFailure || !v.names(b.Question) {
			t.Errorf("blocker %s, of %s, says %q, which names no fault", b.Kind, b.Key, b.Question)
		}
	}
}

// names reports whether a reason names a fault that was played.
func (v *faultyVendor) names(reason string) bool {
	for _, r := range v.manner.refuses {
		if strings.Contains(reason, r[1]) {
			return true
		}
	}
	for _, f := range v.played {
		if f.says != "" && strings.Contains(reason, f.says) {
			return true
		}
	}
	return false
}

func recordedTokens(rec pawl.RunRecord) (sum llm.Usage) {
	for _, s := range rec.Steps {
		for _, a := range s.Attempts {
			if a.Usage != nil && a.Usage.InputTokens != nil {
				sum.InputTokens += *a.Usage.InputTokens
				sum.OutputTokens += *a.Usage.OutputTokens
				sum.CachedTokens += *a.Usage.CachedTokens
			}
		}
	}
	return sum
}

// faultySum is what many runs came to.
type faultySum struct {
	done, stood int
	calls       int64
	refused     int64
	uncounted   int
	faults      map[string]int
}

func (s *faultySum) add(first pawl.Status, v *faultyVendor) {
	if first == pawl.StatusDone {
		s.done++
	} else {
		s.stood++
	}
	if v.silent > 0 {
		s.uncounted++
	}
	s.calls += v.calls
	s.refused += v.refused
	for _, f := range v.played {
		s.faults[f.name]++
	}
}

func (s faultySum) String() string {
	n := 0
	for _, k := range s.faults {
		n += k
	}
	return fmt.Sprintf("%d runs done at once, %d stood still first; %d calls, %d of them faults of %d kinds; in %d runs the vendor left counts out",
		s.done, s.stood, s.calls, n, len(s.faults), s.uncounted)
}

// check holds that the runs saw enough for the test to mean something.
func (s faultySum) check(t *testing.T) {
	if s.refused == 0 || s.done == 0 || s.stood == 0 || s.uncounted == 0 || s.uncounted == s.done+s.stood || len(s.faults) < (len(transientFaults)+len(lastingFaults))*2/3 {
		t.Errorf("too little happened: %s", s)
	}
}
