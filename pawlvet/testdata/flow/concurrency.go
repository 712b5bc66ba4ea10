package flow

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

func text(s string) pawl.Question[string] { return pawl.Messages[string]("Asking", llm.User(s)) }

func goroutines(r *pawl.Run, in Input) (string, error) {
	var mu sync.Mutex
	mu.Lock() // want `sync.Mutex.Lock in flow code blocks the whole run; branches take turns and need no lock`
	results := make(chan string, 1)
	go func() { results <- "" }() // want `a goroutine in flow code runs beside the replay; use pawl.Parallel`
	results <- "a"                // want `a channel in flow code blocks the whole run`
	s := <-results                // want `a channel in flow code`
	for range results {           // want `a channel in flow code`
	}
	select { // want `select in flow code picks another case on a replay`
	case <-results:
		time.Sleep(1) // want `time.Sleep in flow code`
	default:
	}
	branches := pawl.Map(r, "items", in.Tags, func(r *pawl.Run, tag string) (string, error) {
		return tag, <-make(chan error) // want `a channel in flow code`
	})
	pawl.Parallel(r, "both", pawl.Go("x", func(r *pawl.Run) error {
		time.Sleep(1) // want `time.Sleep in flow code`
		return nil
	}))
	return s + branches[0], nil
}

func order(r *pawl.Run, in Input) (string, error) {
	score := map[string]int{}
	for tag := range score { // want `steps in a loop over a map come in another order on a replay; loop over slices.Sorted\(maps.Keys\(m\)\)`
		pawl.Ask(r, "score", text(tag))
	}
	for tag := range maps.Keys(score) { // want `steps in a loop over a map`
		helper(r, "h", tag)
	}
	for tag := range score { // want `steps in a loop over a map`
		r.Note("saw %s", tag)
	}
	for _, tag := range slices.Sorted(maps.Keys(score)) {
		pawl.Ask(r, "sorted", text(tag))
	}
	sum := 0
	for tag, n := range score { // no step, and the order does not matter
		sum += n + r.Rand(tag).IntN(3)
	}
	return "", nil
}

func helper(r *pawl.Run, name, tag string) string {
	return pawl.Ask(r, name, text(tag)) // the name is its caller's
}

const prefix = "score-"

func names(r *pawl.Run, in Input) (string, error) {
	pawl.Ask(r, prefix+"all", text("a constant"))
	pawl.Ask(r, prefix+in.Name, text("no constant")) // want `the name of a step is its identity and wants a constant; for a step for each item use pawl.Map`
	pawl.Sleep(r, in.Name, time.Second)              // want `the name of a step`
	for _, tag := range in.Tags {
		pawl.TryAsk(r, tag, text(tag))                                              // want `the name of a step`
		pawl.Parallel(r, "p", pawl.Go(tag, func(r *pawl.Run) error { return nil })) // want `the name of a step`
	}
	pawl.Map(r, "tags", in.Tags, func(r *pawl.Run, tag string) (string, error) {
		return pawl.Ask(r, tag, text(tag)), nil // want `the name of a step`
	})
	return r.ID(in.Name), nil // that is no step
}
