package temporal

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/llm"
)

// TestCheckRate: an entry that would bound nothing, or nothing that makes sense, is refused.
func TestCheckRate(t *testing.T) {
	models := llm.Catalog{"test": asker(nil)}
	for name, rate := range map[string]Rate{
		"": {}, "/x": {}, "test/": {}, "test/a*": {}, "tset/one": {}, "*": {}, "test/" + strings.Repeat("x", longestModel): {},
		"test/two": {PerSecond: math.NaN()}, "test/three": {PerSecond: math.Inf(1)}, "test/four": {Calls: -1},
	} {
		if err := CheckRate(models, name, rate); err == nil || !strings.Contains(err.Error(), name[:min(len(name), 60)]) {
			t.Errorf("%.20q: %v is %v", name, rate, err)
		}
		_, err := Open(t.Context(), Options{Models: models, Rates: map[string]Rate{name: rate}, Client: client.Options{HostPort: "127.0.0.1:1"}})
		enginetest.Refused(t, err, pawl.ErrInput, "Rates: ")
	}
	for _, rate := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		_, err := Open(t.Context(), Options{Models: models, CallsPerSecond: rate, Client: client.Options{HostPort: "127.0.0.1:1"}})
		enginetest.Refused(t, err, pawl.ErrInput, "CallsPerSecond: ")
	}
	for name, rate := range map[string]Rate{"test/*": {}, "test/one": {PerSecond: 0.1}, "test": {Calls: 1}, "test?fail=1": {PerSecond: 1, Calls: 2}, "test/q/b:1 é": {}} {
		if err := CheckRate(models, name, rate); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestCallQueue: a model's own entry is what holds for it, then its provider's; the names are
// part of a build's, so that all its workers ask for the calls that its workflows schedule, and
// the rates are not.
func TestCallQueue(t *testing.T) {
	queues := func(o Options, models ...string) (all []string) {
		s := newSettings(t.Context(), o)
		for _, m := range models {
			all = append(all, s.callQueue(m))
		}
		return all
	}
	build := func(rates map[string]Rate) string {
		b, err := buildOf(newSettings(t.Context(), Options{Build: "one", Rates: rates}))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	rates := map[string]Rate{"test/one": {}, "test/*": {PerSecond: 1}, "offline": {}}
	asked := []string{"test/one", "test/two", "test", "offline", "offline?fail=1", "other/one"}
	v := fmt.Sprintf("calls-v%d", callsVersion)
	want := []string{"q-" + v + "/test/one", "q-" + v + "/test/*", "q-" + v + "/test/*", "q-" + v + "/offline", "", ""}
	if got := queues(Options{Queue: "q", Rates: rates}, asked...); !reflect.DeepEqual(got, want) {
		t.Errorf("queues %q, want %q", got, want)
	}
	if got := queues(Options{Rates: rates, Blobs: Directory(t.TempDir())}, "test/one")[0]; got != "pawl-"+v+"-blobs/test/one" {
		t.Errorf("with blobs it is %q", got)
	}
	if got := queues(Options{Rates: rates, Blobs: Directory(t.TempDir()), Keys: make([][]byte, 1)}, "test/one")[0]; got != "pawl-"+v+"-blobs-encrypted/test/one" {
		t.Errorf("with keys it is %q", got)
	}
	none, one := build(nil), build(rates)
	if none == one || none != build(map[string]Rate{}) {
		t.Error("which calls have queues of their own is no part of the build's name")
	}
	rates["test/*"] = Rate{PerSecond: 7, Calls: 3}
	if build(rates) != one {
		t.Error("a rate is part of the build's name")
	}
	delete(rates, "offline")
	if build(rates) == one {
		t.Error("a name that is missing is the same build")
	}
}

// TestCallsVersion: builds of different versions of Pawl make each other's calls, so that what a
// call is given, and gives, is the same in all that have one callsVersion. Where this fails, raise
// that, and put in what stands here now.
func TestCallsVersion(t *testing.T) {
	shape := shapeOf(reflect.TypeFor[question](), 0) + "\n" + shapeOf(reflect.TypeFor[replay.Reply](), 0)
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(shape)))[:12]; callsVersion != 1 || got != "ddfe6d3e5c2d" {
		t.Errorf("callsVersion is %d, and what is sent has the digest %s:\n%s", callsVersion, got, shape)
	}
}

// shapeOf says what JSON has of a type, down to types of one word.
func shapeOf(t reflect.Type, depth int) string {
	pad := strings.Repeat(" ", depth)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return t.Kind().String() + " of " + shapeOf(t.Elem(), depth)
	case reflect.Map:
		return "map of " + t.Key().Kind().String() + " to " + shapeOf(t.Elem(), depth)
	case reflect.Struct:
		if t.Implements(reflect.TypeFor[json.Marshaler]()) || depth > 12 {
			return t.String()
		}
		var b strings.Builder
		for f := range t.Fields() {
			if f.IsExported() {
				fmt.Fprintf(&b, "\n%s%s %q: %s", pad, f.Name, f.Tag.Get("json"), shapeOf(f.Type, depth+1))
			}
		}
		return b.String()
	}
	return t.Kind().String()
}

// rated opens engines of one queue that call models with rates.
func rated(t *testing.T, s *temporaltest.Server, rates map[string]Rate) func(build string, o Options) *Engine {
	queue := "test-" + string(pawl.NewRunID())
	return func(build string, o Options) *Engine {
		t.Helper()
		o.Queue, o.Build, o.Model, o.Heartbeat = queue, build, "test/quick", 3*time.Second
		if o.Rates = rates; o.Prices == nil {
			o.Prices = enginetest.Prices
		}
		return opens(t, s, o)
	}
}

// asksOf asks models at once.
func asksOf(models ...string) pawl.Flow {
	return testFlow("asks", func(r *pawl.Run) (string, error) {
		said := pawl.Map(r, "each", models, func(r *pawl.Run, model string) (string, error) {
			return pawl.Ask(r, "ask", enginetest.Text("Go").Model(model)), nil
		}, pawl.Limit(0))
		return strings.Join(said, " "), nil
	})
}

// beginnings is a model that knows when it was asked: spread says how long that took from the first to the
// last of n times, and forgets them.
func beginnings() (m asker, spread func(t *testing.T, n int) time.Duration) {
	var mu sync.Mutex
	var began []time.Time
	m = func(context.Context, llm.Request) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		began = append(began, time.Now())
		return "ok", nil
	}
	return m, func(t *testing.T, n int) time.Duration {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if len(began) != n {
			t.Fatalf("%d calls, want %d", len(began), n)
		}
		slices.SortFunc(began, time.Time.Compare)
		took := began[n-1].Sub(began[0])
		began = nil
		return took
	}
}

// TestRates: calls of a model with a rate begin at no more than that, those of two builds together,
// also where one of them says no number.
func TestRates(t *testing.T) { temporaltest.Each(t, testRates) }

func testRates(t *testing.T, s *temporaltest.Server) {
	const each, rate = 8, 4
	m, spread := beginnings()
	f := asksOf(slices.Repeat([]string{"test/slow"}, each)...)
	open := rated(t, s, map[string]Rate{"test/slow": {PerSecond: rate}})
	o := Options{Models: llm.Catalog{"test": m}, Flows: []pawl.Flow{f}, Work: true}
	one := open("one", o)
	o.Queue, o.Build, o.Model, o.Prices, o.Rates = one.keeper.settings.Queue, "two", "test/quick", enginetest.Prices, map[string]Rate{"test/slow": {}}
	two := opens(t, s, o)
	ids := []pawl.RunID{enginetest.Start(t, one, f), enginetest.Start(t, two, f)}
	for i, e := range []*Engine{one, two} {
		if rec := enginetest.Follow(t, e, ids[i]); rec.Status != pawl.StatusDone {
			t.Fatalf("%s (%s)", rec.Status, rec.Reason)
		}
	}
	// A second's worth may begin at once, and one waits at the server with its place taken.
	least := time.Duration(float64(2*each-rate-1) / rate * 0.8 * float64(time.Second))
	if took := spread(t, 2*each); took < least {
		t.Errorf("%d calls of two builds began within %s, at %d in a second they take %s", 2*each, took, rate, least)
	}
}

// TestCallsAtOnce: the places of a model with a queue of its own are its own: it has no more of
// them, and leaves the others to other models.
func TestCallsAtOnce(t *testing.T) { temporaltest.Each(t, testCallsAtOnce) }

func testCallsAtOnce(t *testing.T, s *temporaltest.Server) {
	odd := "test/a b?x=1&é" // a name of whatever signs
	at, release := map[string]int{}, make(chan struct{})
	var mu sync.Mutex
	m := asker(func(_ context.Context, r llm.Request) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		at[r.Model]++
		if r.Model == "quick" && at["quick"] == 3 {
			close(release)
		}
		if n := at[r.Model]; n > map[string]int{"quick": 9, "slow": 1, "a b?x=1&é": 2}[r.Model] {
			t.Errorf("%d calls of %s at once", n, r.Model)
		}
		if r.Model != "quick" { // else it would be for the others to wait
			mu.Unlock()
			select {
			case <-release:
			case <-time.After(20 * time.Second):
				t.Error("the quick calls wait for the slow ones")
			}
			mu.Lock()
			at[r.Model]--
		}
		return r.Model, nil
	})
	f := asksOf("test/slow", "test/slow", "test/slow", odd, odd, odd, odd, "other/quick", "other/quick", "other/quick")
	e := rated(t, s, map[string]Rate{"test/*": {Calls: 1}, odd: {Calls: 2}})("one", Options{Models: llm.Catalog{"test": m, "other": m}, Flows: []pawl.Flow{f}, Work: true, Calls: 3})
	rec := enginetest.Follow(t, e, enginetest.Start(t, e, f))
	if rec.Status != pawl.StatusDone || strings.Count(string(rec.Output), "slow") != 3 {
		t.Errorf("%s (%s) %s", rec.Status, rec.Reason, rec.Output)
	}
}

// TestAnotherBuildAsks: what one build asks of a model with a rate another one answers, and it
// costs what the first one's prices say.
func TestAnotherBuildAsks(t *testing.T) { temporaltest.Each(t, testAnotherBuildAsks) }

func testAnotherBuildAsks(t *testing.T, s *temporaltest.Server) {
	f := asksOf("test/slow")
	says := func(what string) llm.Catalog {
		return llm.Catalog{"test": asker(func(context.Context, llm.Request) (string, error) { return what, nil })}
	}
	open := rated(t, s, map[string]Rate{"test/*": {}})
	open("two", Options{Models: says("two"), Prices: llm.Prices{"test/slow": {Input: 5e6, Output: 5e6}}, Work: true})
	one := open("one", Options{Models: says("one"), Prices: llm.Prices{"test/slow": {Input: 1e6, Output: 1e6}}, Flows: []pawl.Flow{f}})
	id := enginetest.Start(t, one, f)
	if helps, err := one.Help(t.Context(), id); err != nil || !helps { // with the flow's code alone
		t.Fatal(helps, err)
	}
	rec := enginetest.Follow(t, one, id)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"two"` {
		t.Fatalf("%s (%s) %s", rec.Status, rec.Reason, rec.Output)
	}
	if cost := rec.Usage.CostUSD; cost == nil || *cost != 2 {
		t.Errorf("it is %+v, want costs of 2", rec.Usage)
	}
}

// TestRateGone: a build without the rate takes over what one with it left in the queue that nobody
// asks any more.
func TestRateGone(t *testing.T) { temporaltest.Each(t, testRateGone) }

func testRateGone(t *testing.T, s *temporaltest.Server) {
	f := asksOf("test/slow")
	asked := atomic.Int32{}
	o := Options{Flows: []pawl.Flow{f}, Models: llm.Catalog{"test": asker(func(context.Context, llm.Request) (string, error) { asked.Add(1); return "ok", nil })}}
	rates := map[string]Rate{"test/slow": {PerSecond: 1}}
	open := rated(t, s, rates)
	one := open("one", o)
	id := enginetest.Start(t, one, f)
	if helps, err := one.Help(t.Context(), id); err != nil || !helps {
		t.Fatal(helps, err)
	}
	for waits := false; !waits; { // until the call is in its queue
		d, err := one.client.DescribeWorkflowExecution(t.Context(), one.keeper.workflowID(id), "")
		if err != nil {
			t.Fatal(err)
		}
		waits = len(d.GetPendingActivities()) > 0
	}
	closed(t, one)
	o.Work = true
	delete(rates, "test/slow")
	two := open("one", o) // of one name, and yet another build
	enginetest.Direct(t, two, id, pawl.Directive{What: pawl.DirectResume, Take: true})
	rec := enginetest.Follow(t, two, id)
	if rec.Status != pawl.StatusDone || asked.Load() != 1 {
		t.Errorf("%s (%s), asked %d times", rec.Status, rec.Reason, asked.Load())
	}
}
