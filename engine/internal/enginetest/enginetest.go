// Package enginetest is what every filling of pawl.Engine must do: one suite,
// written against the contract alone. A filling joins it in a few lines:
//
//	func TestConformance(t *testing.T) {
//		enginetest.Run(t, enginetest.Filling{
//			New: func(t *testing.T) enginetest.Store {
//				j := journal.NewMemory()
//				return func(m llm.Model, flows ...pawl.Flow) pawl.Engine { ... }
//			},
//			Can: enginetest.Everything,
//		})
//	}
//
// A filling that cannot do all yet says what it can; the suite names what it leaves
// out, and why. Every scenario executes in a bubble of testing/synctest, so that
// hours pass at once: engines must not do real I/O in it.
package enginetest

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// Store opens engines that share what is durable. An engine has m as its provider
// "test", "test/one" as its default model with the prices of Prices, and knows the
// flows by name. The suite closes it.
type Store func(m llm.Model, flows ...pawl.Flow) pawl.Engine

// store is how a scenario opens engines.
type store = Store

// Prices are what calls cost in the suite.
var Prices = llm.Prices{"test/one": {Input: 100, Output: 100}}

// Ability is something that a filling may lack.
type Ability string

const (
	Reopens  Ability = "reopen"   // another engine on the store goes on with a run
	Lists    Ability = "list"     // List
	StartsID Ability = "start id" // a run is started under an id, and refused if it is not what there is
	Cancels  Ability = "cancel"   // DirectCancel
	Pauses   Ability = "pause"    // DirectPause
	Guides   Ability = "guide"    // DirectGuide
	Decides  Ability = "decide"   // Decide and Inbox; approvals, inputs, results supplied by hand
	Delivers Ability = "deliver"  // Deliver; events from programs
	Breaks   Ability = "break"    // StartOptions.Step and Break
	Budgets  Ability = "budget"   // StartOptions.Budget and raises
	Changes  Ability = "change"   // notices that a flow's code has changed under a run
	Models   Ability = "model"    // another model on resume
	Reuses   Ability = "reuse"    // StartOptions.Base
	Clocks   Ability = "clock"    // what it waits for takes the time of the bubble's clock
	Lets     Ability = "let go"   // a run whose engine was closed is nobody's, and listed so
)

// Everything is what a whole filling can do.
var Everything = []Ability{Reopens, Lists, StartsID, Cancels, Pauses, Guides, Decides, Delivers, Breaks, Budgets, Changes, Models, Clocks, Reuses, Lets}

// Filling is an implementation of pawl.Engine.
type Filling struct {
	New func(t *testing.T) Store // a new, empty store
	Can []Ability

	// Real says that it talks to a server, so that scenarios are executed without a bubble, in
	// real time. It can have no Clocks then.
	Real bool

	// Beside is another filling that the same is asked of: what the journals of both say has to
	// be the same. It is asked in a bubble. Nil: none is.
	Beside *Filling
}

// scenarios are what engines must do. What each needs is beyond this: start a run,
// follow it, wait for it and get its record; execute asks, dos, maps, parallels,
// calls and sleeps, each step once; retry, repair and fail; resume after a failure.
var scenarios = []struct {
	name  string
	run   func(t *testing.T, open store)
	needs []Ability
}{
	{"an answer is repaired", repairs, nil},
	{"transient failures are retried five times", transientFailures, nil},
	{"a truncated answer gets one larger limit", truncatedAnswers, nil},
	{"a model that hangs is given up", hungModels, []Ability{Clocks}},
	{"a failed step is resumed, finished ones are kept", failureResumes, nil},
	{"recover sees nothing", recoverSeesNothing, nil},
	{"a finished run has no blockers", doneHasNoBlockers, []Ability{Changes}},
	{"a map is at once and in order", mapInOrder, nil},
	{"failures as values", tryForms, nil},
	{"failures of the surroundings are no values", surroundings, nil},
	{"a failure that is skipped", skipped, []Ability{Reopens, Decides}},
	{"a skip is for Try forms", skipRefused, []Ability{Decides}},
	{"another model is asked", fallsBack, nil},
	{"tries and repairs of a question", triesAndRepairs, []Ability{Clocks}},
	{"a do that will pass", doWillPass, []Ability{Clocks}},
	{"errors say where", errorsSayWhere, nil},
	{"siblings of a failure run on", siblingsRunOn, nil},
	{"deferred steps do nothing", deferredSteps, nil},
	{"a rejection in a branch", rejectionInABranch, nil},
	{"a flow that rejects", rejectedFlow, nil},
	{"a flow that fails for good", failsForGood, []Ability{Reopens, Lists, Decides, Cancels}},
	{"a branch that fails for good", branchFailsForGood, nil},
	{"an error that a flow returns", returnedError, nil},
	{"a do whose type has no form in JSON", unspeakableDo, nil},
	{"a do whose value has no form in JSON", unspeakableValue, []Ability{Decides}},
	{"a sleep", sleeps, nil},
	{"a flow called, with its failure as a value", triedCall, nil},
	{"source lines", sourceLines, []Ability{Decides}},
	{"renamed steps", renamedSteps, []Ability{Reopens, Changes, Decides}},
	{"four eyes", fourEyes, []Ability{Decides}},
	{"an input that shows something", shownInput, []Ability{Reopens, Changes, Decides}},
	{"settings of a question", settings, []Ability{Reopens, Changes}},
	{"a handle", handle, nil},
	{"waiting", waits, nil},
	{"the result of a waiting run", waitingResult, []Ability{Decides}},
	{"following from beyond the end", followFromBeyond, nil},

	{"start refuses and leaves nothing", startRefuses, []Ability{Lists}},
	{"starting twice is starting once", startAgain, []Ability{StartsID}},
	{"closing cuts calls, whose outcome is unknown", closeCuts, []Ability{Reopens, Lets}},
	{"a third unknown outcome asks a person", thirdUnknownAsks, []Ability{Reopens, Decides}},
	{"an unknown outcome asks a person if the step says so", unknownPolicyAsk, []Ability{Reopens, Decides}},
	{"cancel at rest", cancelAtRest, []Ability{Reopens, Cancels, Decides}},
	{"cancel survives its engine", cancelSurvives, []Ability{Reopens, Cancels}},
	{"approve", approve, []Ability{Decides}},
	{"reject", reject, []Ability{Decides}},
	{"input", input, []Ability{Decides}},
	{"null is an answer", inputNull, []Ability{Decides}},
	{"many decide, one wins", decidedOnce, []Ability{Decides}},
	{"an event is delivered", awaitDelivered, []Ability{Delivers, Decides}},
	{"an event is answered by a person", awaitAnswered, []Ability{Delivers, Decides}},
	{"events that come early", awaitEarly, []Ability{Delivers, Decides, Cancels}},
	{"events that do not come", awaitExpired, []Ability{Delivers, Decides}},
	{"events in branches", awaitInBranches, []Ability{Delivers}},
	{"events and another engine", awaitReopened, []Ability{Delivers, Decides, Reopens, Clocks}},
	{"places are for work", placesAreForWork, []Ability{Reopens, Decides}},
	{"one after another", oneAfterAnother, []Ability{Reopens, Decides}},
	{"deadlines", deadlines, []Ability{Decides}},
	{"a result supplied by hand", supply, []Ability{Decides}},
	{"a retry while siblings run", retryWhileSiblingsRun, []Ability{Decides}},
	{"pause waits for calls in flight", pauseWaits, []Ability{Pauses}},
	{"resume takes a pause back", resumeTakesPauseBack, []Ability{Pauses}},
	{"a decision while paused", decideWhilePaused, []Ability{Pauses, Decides}},
	{"cancel while a call is in flight", cancelInFlight, []Ability{Cancels}},
	{"guidance", guidance, []Ability{Guides}},
	{"breakpoints", breakpoints, []Ability{Breaks, Decides}},
	{"a budget of branches", budgetOfBranches, []Ability{Budgets, Decides}},
	{"a budget waits for calls in flight", budgetWaits, []Ability{Budgets}},
	{"raises", raises, []Ability{Budgets, Decides, Pauses}},
	{"a pause while asleep", pauseWhileAsleep, []Ability{Pauses}},
	{"a failure beside a sleep", failureBesideASleep, []Ability{Decides}},
	{"a sleep that becomes an ask", sleepMismatch, []Ability{Reopens, Changes}},
	{"a rerun of what has not changed", rerunsUnchanged, []Ability{Reuses}},
	{"a rerun of what has changed", rerunsWhatChanged, []Ability{Reuses}},
	{"a rerun with other items", rerunsMovedItems, []Ability{Reuses}},
	{"a rerun hands results over in order", rerunsInOrder, []Ability{Reuses}},
	{"a rerun and people", rerunsAndPeople, []Ability{Reuses, Decides}},
	{"a rerun of a failed run", rerunsFailed, []Ability{Reuses, Guides}},
	{"forks", forks, []Ability{Reuses, Decides}},
	{"a fork of a fork", forksOfForks, []Ability{Reuses, Decides}},
	{"a fork behind what was decided late", forksBehindLateDecisions, []Ability{Reuses, Decides, Reopens, Changes}},
	{"a result taken over that is retried", retriesReused, []Ability{Reuses, Decides, Reopens, Changes}},
	{"decisions that were kept are carried", carriesKeptDecisions, []Ability{Reuses, Decides, Reopens, Changes}},
	{"a skip is carried", carriesSkips, []Ability{Reuses, Decides}},
	{"a large answer is carried", carriesLargeAnswers, []Ability{Reuses, Decides}},
	{"a do of another place is done", doesOfOtherPlaces, []Ability{Reuses}},
	{"an event of another run is no event", awaitsAnew, []Ability{Reuses, Delivers, Decides}},
	{"answers are to what was shown", answersOfOthers, []Ability{Reuses, Decides}},
	{"four eyes of another run", carriesFourEyes, []Ability{Reuses, Decides}},
	{"an approval of less than is proposed", approvesAnew, []Ability{Reuses, Decides}},
	{"a sleep of another length", sleepsAnew, []Ability{Reuses}},
	{"steps with another name since", reusesRenamed, []Ability{Reuses, Decides, Reopens}},
	{"a rerun keeps the order of shared places", rerunsSharedPlaces, []Ability{Reuses, Decides, Reopens}},
	{"a rerun keeps the order behind a step", rerunsInOrderBehind, []Ability{Reuses}},
	{"a forced result hides no other", forcesOne, []Ability{Reuses}},
	{"bases that are none", refusesBases, []Ability{Reuses, Lists}},
	{"results of a fork that do not pass", refusesForkValues, []Ability{Reuses, Lists}},
	{"results of a fork that do not pass later", keepsForkValues, []Ability{Reuses}},
	{"mismatches name both sides", mismatches, []Ability{Reopens, Changes}},
	{"a default that was added is filled", addedDefault, []Ability{Reopens, Changes, Decides}},
	{"stale and unused results", staleAndUnused, []Ability{Reopens, Changes}},
	{"ways out of a mismatch", waysOutOfAMismatch, []Ability{Reopens, Changes, Decides}},
	{"a person's answer to something else", mismatchOfAPerson, []Ability{Reopens, Changes, Decides}},
	{"another model on resume", anotherModel, []Ability{Models}},
	{"results of all models of a run are kept", modelsOfARun, []Ability{Models}},
}

// Run runs the suite on a filling.
func Run(t *testing.T, f Filling) {
	var left []string
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			for _, need := range s.needs {
				if !slices.Contains(f.Can, need) {
					left = append(left, s.name)
					t.Skipf("left out: the engine cannot %s", need)
				}
			}
			var beside []Transcript
			if f.Beside != nil {
				beside = play(t, f.Beside, s.run, true)
			}
			said := play(t, &f, s.run, f.Beside != nil)
			if f.Beside != nil && !t.Failed() {
				if f.Real && slices.Contains(busy, s.name) {
					beside, said = withoutRests(beside), withoutRests(said)
				}
				compare(t, beside, said)
			}
		})
	}
	if len(left) > 0 {
		t.Logf("%d of %d scenarios were left out: %s", len(left), len(scenarios), strings.Join(left, "; "))
	}
}

// play executes a scenario on a filling, and returns what its runs' journals say if that is
// wanted.
func play(t *testing.T, f *Filling, scenario func(*testing.T, store), wanted bool) (said []Transcript) {
	run := func(t *testing.T) {
		opens := f.New(t)
		var last pawl.Engine
		var runs []pawl.RunID
		scenario(t, func(m llm.Model, flows ...pawl.Flow) pawl.Engine {
			e := opens(m, flows...)
			t.Cleanup(func() {
				if err := e.Close(t.Context()); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			last = told{e, &runs}
			return last
		})
		if wanted && !t.Failed() {
			said = transcripts(t, last, runs)
		}
	}
	if f.Real {
		t.Parallel()
		inRealTime.Store(t, true)
		run(t)
	} else {
		synctest.Test(t, run)
	}
	return said
}

// pass lets time pass, in the scenario's bubble if it has one.
func pass(d time.Duration) { time.Sleep(d) }

// Until waits until something holds, in the scenario's bubble if it has one.
func Until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 1200 {
		if holds() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("a minute later it does not hold that %s", what)
}

// took checks how long something took: in a bubble to the nanosecond, and else that it was no less.
func took(t *testing.T, began time.Time, low, high time.Duration) {
	t.Helper()
	_, real := inRealTime.Load(t)
	if d := time.Since(began); d < low || d > high && !real {
		t.Errorf("took %v, want %v to %v", d, low, high)
	}
}

// inRealTime has the scenarios without a bubble.
var inRealTime sync.Map

// settle waits until all that goes on by itself waits for something. Without a bubble nothing
// tells that: it waits for longer than that takes.
func settle(t *testing.T) {
	if _, real := inRealTime.Load(t); real {
		time.Sleep(700 * time.Millisecond)
		return
	}
	synctest.Wait()
}
