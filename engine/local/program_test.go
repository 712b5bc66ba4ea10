package local_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing/fstest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// A program is a random flow: a tree of steps and scopes. What kind a node has
// follows from its name, so that inserting and removing nodes changes which
// step has which key but rarely its kind.
type program []node

type node struct {
	name   string
	bodies []program // of a scope: one for each branch
	limit  int       // of a map; 0: none
	order  bool      // of a map: its items in order
	try    bool
	skip   int // the node is passed over if the result before it hashes to this (0: never)

	// What a step is about, and in which words a prompt says it. What the step comes
	// to says what it was asked about.
	about, words int

	was string // the name it had before; empty: none

	ids []int // of a map whose items are known by what they are: of its bodies; nil: by their place
}

// mark is what a step is about as its request and its result have it.
func (n node) mark() string { return fmt.Sprintf("<%d>", n.about) }

// asks is how a node names itself in what it asks: as it was named first.
func (n node) asks() string { return cmp.Or(n.was, n.name) }

// pace says how many items of a map are under way.
func (n node) pace() pawl.MapOption {
	if n.order {
		return pawl.InOrder
	}
	return pawl.Limit(n.limit)
}

func randomProgram(r *rand.Rand, depth int) program {
	p := make(program, 1+r.IntN(4))
	for i := range p {
		p[i] = randomNode(r, depth)
	}
	return p
}

func randomNode(r *rand.Rand, depth int) node {
	steps := []string{"ask-a", "ask-b", "ask-c", "prompt-r", "fail-f", "do-x", "do-y", "rep-z", "note-n", "sleep-s", "app-p", "inp-i", "late-l", "evt-e", "exp-x"}
	scopes := []string{"map-m", "map-n", "par-p", "call-q", "try-t", "keys-k"}
	n := node{name: steps[r.IntN(len(steps))], skip: r.IntN(8), about: r.IntN(100)}
	if depth > 0 && r.IntN(3) == 0 {
		n.name = scopes[r.IntN(len(scopes))]
		n.limit, n.order = r.IntN(4), r.IntN(5) == 0
		for range 1 + r.IntN(4) {
			n.bodies = append(n.bodies, randomProgram(r, depth-1))
		}
		if n.name == "keys-k" {
			n.ids = r.Perm(20)[:len(n.bodies)]
		}
	}
	n.try = r.IntN(4) == 0
	return n
}

// edit returns a copy of the program in which a few nodes are inserted, removed,
// about something else, put in other words or in another order.
func (p program) edit(r *rand.Rand) program {
	out := append(program(nil), p...)
	for i := range out {
		switch r.IntN(6) {
		case 0:
			out[i].about = r.IntN(100)
		case 1:
			out[i].words++
		case 2:
			if kind, _, _ := strings.Cut(out[i].name, "-"); kind == "ask" || kind == "do" || kind == "rep" || kind == "inp" || kind == "map" {
				out[i].was, out[i].name = out[i].name, out[i].name+"-new"
			}
		case 3:
			if strings.HasPrefix(out[i].name, "sleep-") {
				out[i].skip = r.IntN(8)
			}
		}
		if len(out[i].bodies) > 0 && r.IntN(6) == 0 {
			out[i].limit, out[i].order = r.IntN(4), !out[i].order
		}
		if len(out[i].bodies) > 0 && r.IntN(2) == 0 {
			bodies := append([]program(nil), out[i].bodies...)
			b := r.IntN(len(bodies))
			bodies[b] = bodies[b].edit(r)
			ids := slices.Clone(out[i].ids)
			if r.IntN(3) == 0 {
				r.Shuffle(len(bodies), func(i, k int) {
					bodies[i], bodies[k] = bodies[k], bodies[i]
					if ids != nil {
						ids[i], ids[k] = ids[k], ids[i]
					}
				})
			}
			if ids != nil && r.IntN(3) == 0 { // one goes, and perhaps another comes
				bodies, ids = bodies[1:], ids[1:]
				if r.IntN(2) == 0 {
					bodies, ids = append(bodies, randomProgram(r, 1)), append(ids, 20+r.IntN(1000))
				}
			}
			if ids != nil && r.IntN(20) == 0 {
				ids = nil
			}
			out[i].bodies, out[i].ids = bodies, ids
		}
	}
	if r.IntN(4) == 0 {
		r.Shuffle(len(out), func(i, k int) { out[i], out[k] = out[k], out[i] })
	}
	i := r.IntN(len(out) + 1)
	if r.IntN(2) == 0 && i < len(out) {
		return append(out[:i:i], out[i+1:]...)
	}
	return append(out[:i:i], append(program{randomNode(r, 1)}, out[i:]...)...)
}

// world is what a random program meets outside: a model and the code of do
// steps, which both answer from the step's key alone and count their calls.
type world struct {
	mu    sync.Mutex
	calls map[string]int
	seen  []string   // by flow code, in order; branches share it
	saw   [][]string // by its earlier activations of this execution
	evict time.Duration
	base  *pawl.Base // of the runs that it starts; nil: they have none

	wrong []string        // results that answer another question than was asked
	kept  map[string]bool // outputs that a person let count all the same, or gave
	again map[string]bool // keys that are to be asked anew

	seed       uint64 // of the moments at which people decide
	executions int

	addresses []string // of events, in the order in which flow code came to them

	brisk  bool             // sleeps and waits are short, as befits a real clock
	called func(key string) // of each call, before it is answered; nil: nobody wants to know
}

func newWorld(seed uint64) *world {
	return &world{calls: map[string]int{}, seed: seed, kept: map[string]bool{}, again: map[string]bool{}}
}

func (w *world) call(key string) {
	if w.called != nil {
		w.called(key)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls[key]++
}

// Generate answers after a latency that follows from the key. A first answer
// may be one that the gate turns down, and a question that says "try" may be
// refused.
func (w *world) Generate(ctx context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	w.call(req.Meta.Key)
	h := hash(req.Meta.Key)
	select {
	case <-time.After(time.Duration(1+h%7) * time.Millisecond):
	case <-ctx.Done():
		return llm.Response{}, &llm.Error{Kind: llm.Canceled}
	}
	switch asked := req.Messages[0].Text(); {
	case strings.HasSuffix(asked, "fail") && req.Meta.Attempt == 1 && !strings.Contains(req.Meta.Key, "try-t"): // there it would be a value
		return llm.Response{}, &llm.Error{Kind: llm.Invalid, Message: "not at once"}
	case strings.HasSuffix(asked, "try") && h%3 == 0:
		return llm.Response{}, &llm.Error{Kind: llm.Refused, Message: "no to " + asked}
	case h%5 == 0 && len(req.Messages) == 1:
		return llm.Response{Text: "bad"}, nil
	case h%11 == 0 && req.Meta.Attempt == 1 && !w.brisk:
		return llm.Response{}, &llm.Error{Kind: llm.Overloaded}
	}
	return llm.Response{Text: "answer of " + req.Meta.Key + " to " + req.Messages[0].Text()}, nil
}

func (w *world) work(ctx context.Context, in string) (string, error) {
	_, key, _ := strings.Cut(pawl.IdempotencyKey(ctx), "/")
	key, _, _ = strings.Cut(key, "~")
	w.call(key)
	select {
	case <-time.After(time.Duration(1+hash(key)%5) * time.Millisecond):
		return "did " + key + " with " + in, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// flow turns a program into a flow in this world.
func (w *world) flow(p program) pawl.Flow {
	return pawl.New("random", "A random program.", func(r *pawl.Run, in topic) (int, error) {
		w.saw, w.seen = append(w.saw, w.seen), nil
		w.run(r, p)
		return len(p), nil
	})
}

func (w *world) run(r *pawl.Run, p program) {
	last := ""
	for _, n := range p {
		if n.skip == 0 || hash(last)%8 != uint32(n.skip) {
			last = w.node(r, n)
		}
	}
}

func (w *world) node(r *pawl.Run, n node) (got string) {
	var err error
	kind, _, _ := strings.Cut(n.name, "-")
	switch kind {
	case "ask":
		if n.try {
			got, err = pawl.TryAsk(r, n.name, pawl.Messages[string](n.name, llm.User(n.mark()+" try")).Gate("good", good).Was(n.was))
		} else {
			got = pawl.Ask(r, n.name, pawl.Messages[string](n.name, llm.User(n.asks()+n.mark())).Gate("good", good).Was(n.was))
		}
		w.check(n, got, err)
	case "fail": // a person has it tried again
		got = pawl.Ask(r, n.name, pawl.Messages[string](n.name, llm.User(n.mark()+" fail")).Gate("good", good))
		w.check(n, got, nil)
	case "prompt":
		got = pawl.Ask(r, n.name, wordings[n.words%len(wordings)].With(topic{Topic: n.mark()}).Gate("good", good))
		w.check(n, got, nil)
	case "do":
		got = pawl.Do(r, n.name, n.asks()+n.mark(), w.work, pawl.Was(n.was))
		w.check(n, got, nil)
	case "rep":
		got = pawl.Do(r, n.name, n.asks()+n.mark(), w.work, pawl.Repeatable, pawl.Was(n.was))
		w.check(n, got, nil)
	case "sleep":
		unit := 50 * time.Millisecond
		if w.brisk {
			unit = 500 * time.Microsecond
		}
		pawl.Sleep(r, n.name, time.Duration(n.skip*n.skip)*unit)
	case "app":
		a := pawl.Approve(r, n.name, post{Title: n.name + n.mark()}, "Publish it?", pawl.Reasons("drop", "late"))
		got = fmt.Sprint(a.Approved, a.Value, a.Edited, a.Reason, a.Comment, a.Who)
		w.check(n, got, nil)
	case "inp":
		got = pawl.Input[post](r, n.name, "Which post? "+n.mark(), pawl.Was(n.was)).Title
		w.check(n, got, nil)
	case "late": // nobody answers
		unit := 20 * time.Millisecond
		if w.brisk {
			unit = 500 * time.Microsecond
		}
		got = pawl.Input[post](r, n.name, "Which post? "+n.mark(), pawl.AnswerAfter(1+time.Duration(n.skip*n.skip)*unit, post{Title: "none" + n.mark()})).Title
		w.check(n, got, nil)
	case "evt": // comes at any time from when its address is known
		address := r.Callback(n.name)
		w.mu.Lock()
		w.addresses = append(w.addresses, address)
		w.mu.Unlock()
		if n.try {
			pawl.Do(r, "do-x", "register"+n.mark(), w.work)
		}
		got = pawl.Await[post](r, n.name).Title
	case "exp": // never comes
		unit := 20 * time.Millisecond
		if w.brisk {
			unit = 500 * time.Microsecond
		}
		_, err = pawl.TryAwait[post](r, n.name, pawl.For(1+time.Duration(n.skip*n.skip)*unit))
		got = fmt.Sprint(errors.Is(err, pawl.ErrExpired))
	case "note":
		r.Note("note %d", len(w.seen))
	case "map":
		pawl.Map(r, n.name, n.bodies, func(r *pawl.Run, p program) (int, error) { w.run(r, p); return 0, nil }, n.pace(), pawl.Was(n.was))
	case "keys":
		type item struct {
			ID   int
			body program
		}
		var items []item
		for i, body := range n.bodies {
			items = append(items, item{i, body})
			if n.ids != nil {
				items[i].ID = n.ids[i]
			}
		}
		opts := []pawl.MapOption{n.pace()}
		if n.ids != nil {
			opts = append(opts, pawl.By(func(i item) string { return fmt.Sprint("no ", i.ID) }))
		}
		pawl.Map(r, n.name, items, func(r *pawl.Run, i item) (int, error) { w.run(r, i.body); return 0, nil }, opts...)
	case "try":
		for _, res := range pawl.TryMap(r, n.name, n.bodies, func(r *pawl.Run, p program) (int, error) { w.run(r, p); return 0, nil }, n.pace()) {
			got += fmt.Sprint(res.Err)
		}
	case "par":
		var branches []pawl.Branch
		for i, p := range n.bodies {
			branches = append(branches, pawl.Go(fmt.Sprintf("b%d", i), func(r *pawl.Run) error { w.run(r, p); return nil }))
		}
		pawl.Parallel(r, n.name, branches...)
	case "call":
		sub := pawl.New("sub", "A part.", func(r *pawl.Run, in topic) (int, error) { w.run(r, n.bodies[0]); return 1, nil })
		pawl.Call(r, n.name, sub, topic{Topic: "t"})
	}
	w.seen = append(w.seen, fmt.Sprintf("%s=%s %v @%d %d", n.name, got, err, r.Now().UnixMilli(), r.Rand("x").IntN(1000)))
	return got
}

// wordings are a prompt in other and other words.
var wordings = []*pawl.Prompt[topic, string]{
	prompted("{{.Topic}}"), prompted("On {{.Topic}}"), prompted("On {{.Topic}}, please"),
}

func prompted(words string) *pawl.Prompt[topic, string] {
	return pawl.MustPrompt[topic, string](fstest.MapFS{"p.md": {Data: []byte("purpose: Asking\n---\n# user\n" + words + "\n")}}, "p.md")
}

// check notes a result that is the answer to another question, unless a person let it
// count.
func (w *world) check(n node, got string, err error) {
	if err != nil {
		got = err.Error()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !strings.Contains(got, n.mark()) && !w.kept[got] {
		w.wrong = append(w.wrong, fmt.Sprintf("%s, which asks about %s, got %s", n.name, n.mark(), got))
	}
}

func good(s string) error {
	if strings.HasPrefix(s, "bad") {
		return errors.New("is bad")
	}
	return nil
}

func hash(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}
