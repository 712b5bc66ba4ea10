package replay_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/replay"
)

// house is a run's scopes and branches, by name: "a" and "b" are the first two of the
// flow's own scope, "a.a" the first of one that is open in "a".
type house struct {
	flow     replay.Place
	branches map[string]*replay.Place
	scopes   map[string]*replay.Scope
	heard    []string // what has begun ("+a") or goes on ("a")
}

func newHouse() *house {
	return &house{branches: map[string]*replay.Place{}, scopes: map[string]*replay.Scope{}}
}

func (h *house) open(at string, n, limit int, keeps bool) {
	p := &h.flow
	if at != "" {
		p = h.branches[at]
	}
	h.scopes[at] = p.Open(n, limit, keeps, func(i int) *replay.Place {
		name := strings.TrimPrefix(at+"."+string(rune('a'+i)), ".")
		h.heard = append(h.heard, "+"+name)
		h.branches[name] = &replay.Place{GoOn: func() { h.heard = append(h.heard, name) }}
		return h.branches[name]
	})
}

// Each word of a play is what a branch does, and what then happens is in brackets:
// "a(+c)" has a stand, upon which c begins; "?a(a)" has a ask to go on, which it does;
// "-a" has a end, "a:3/2" and "a:3/2!" have it open a scope of three with two places,
// which those that stand keep with "!".
func TestPlaces(t *testing.T) {
	for name, play := range map[string]string{
		"no limit":                      ":3/0(+a+b+c) a b ?b(b) ?a(a) -a -b -c",
		"a limit":                       ":3/2(+a+b) -a(+c) -b -c",
		"no branches":                   ":0/3",
		"one that stands lets another":  ":3/1(+a) a(+b) b(+c) -c",
		"one that asks comes first":     ":3/1(+a) a(+b) ?a -b(a) -a(+c)",
		"first in, first out":           ":9/2(+a+b) a(+c) b(+d) c(+e) ?b ?c ?a -e(b) d(c) -b(a) -c(+f)",
		"asks at once":                  ":2/2(+a+b) a ?a(a)",
		"asks twice":                    ":3/1(+a) a(+b) ?a ?a -b(a) -a(+c)",
		"asks and stands again":         ":3/1(+a) a(+b) ?a a -b(+c) ?a -c(a)",
		"stands twice":                  ":3/1(+a) a(+b) a ?a -b(a)",
		"goes on where nothing waits":   ":2/1(+a) ?a(a)",
		"in order":                      ":3/1!(+a) a ?a(a) -a(+b) b",
		"two keep their places":         ":4/2!(+a+b) a b ?b(b) -b(+c)",
		"a scope that stands":           ":2/1(+a) a:2/2(+a.a+a.b) a.a a.b(+b) ?a.a -b(a.a)",
		"a scope in which one works":    ":2/1(+a) a:2/2(+a.a+a.b) a.a ?a.a(a.a) a.a a.b(+b)",
		"a scope of one place":          ":2/1(+a) a:2/1(+a.a) a.a(+a.b) a.b(+b) ?a.b ?a.a -b(a.b) -a.b(a.a) -a.a -a",
		"inner ones in the order asked": ":3/1(+a) a:2/2(+a.a+a.b) a.a a.b(+b) ?a.b ?a.a -b(a.b a.a) -a.b -a.a -a(+c)",
		"in order, with a limit around": ":2/1(+a) a:2/1!(+a.a) a.a(+b) b ?a.a(a.a) -a.a(+a.b) -a.b",
		"a limit, in order around":      ":2/1!(+a) a:2/1(+a.a) a.a(+a.b) a.b ?a.b(a.b)",
		"three deep":                    ":2/1(+a) a:1/1(+a.a) a.a:1/1(+a.a.a) a.a.a(+b) ?a.a.a b(a.a.a)",
		"those around ask once":         ":3/1(+a) a:1/1(+a.a) a.a(+b) b(+c) ?a.a ?b -c(a.a) a.a(b)",
		"granted, and all in it stand":  ":3/1(+a) a:1/1(+a.a) a.a(+b) ?a.a a.a -b(+c)",
		"an inner scope ends":           ":2/1(+a) a:1/1(+a.a) -a.a -a(+b)",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse()
			for _, word := range regexpWords.FindAllStringSubmatch(play, -1) {
				h.heard = nil
				switch what, who := word[1], word[2]; {
				case what == "?":
					h.branches[who].Ask()
				case what == "-":
					h.branches[who].End()
				case word[3] != "":
					var n, limit int
					if _, err := fmt.Sscanf(word[3], ":%d/%d", &n, &limit); err != nil {
						t.Fatal(err)
					}
					h.open(who, n, limit, strings.HasSuffix(word[3], "!"))
				default:
					h.branches[who].Stand()
				}
				if got, want := strings.Join(h.heard, " "), strings.ReplaceAll(strings.TrimSpace(strings.ReplaceAll(word[4], "+", " +")), "  ", " "); got != want {
					t.Fatalf("at %q of %s: %q, want %q", word[0], play, got, want)
				}
			}
		})
	}
}

var regexpWords = regexp.MustCompile(`([-?]?)([a-z.]*)(:\d/\d!?)?(?:\((.*?)\))?(?: |$)`)

// TestRandomPlaces: whatever branches do, no more than the limit work; one that could
// have a place has it; none works in a branch that does not; those of a scope go on in
// the order in which they asked; and all come to their end.
func TestRandomPlaces(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 7))
		c := crowd{}
		c.grow(r, 0, 3)
		for step := 0; !c.scope.HasEnded(); step++ {
			if step > 5000 {
				t.Fatalf("seed %d: it comes to no end", seed)
			}
			all := c.leaves()
			if len(all) == 0 {
				t.Fatalf("seed %d: nobody can do anything", seed)
			}
			all[r.IntN(len(all))].act(r)
			if wrong := c.wrong(); wrong != "" {
				t.Fatalf("seed %d, step %d: %s", seed, step, wrong)
			}
		}
	}
}

// crowd is a branch and what it has open.
type crowd struct {
	place replay.Place
	depth int
	asked bool // to go on, and does not yet

	scope  *replay.Scope
	limit  int
	keeps  bool
	n      int
	in     []*crowd // begun
	ended  map[*crowd]bool
	queue  []*crowd // of leaves that asked, in order
	around *crowd
	jumped bool // one went on before another that had asked before
}

func (c *crowd) grow(r *rand.Rand, least, depth int) {
	*c = crowd{place: c.place, around: c.around, depth: depth, n: least + r.IntN(6), limit: 1 + r.IntN(3), keeps: r.IntN(4) == 0, ended: map[*crowd]bool{}}
	c.scope = c.place.Open(c.n, c.limit, c.keeps, func(int) *replay.Place {
		b := &crowd{around: c, depth: depth - 1}
		b.place.GoOn = func() {
			if i := slices.Index(c.queue, b); i >= 0 {
				c.jumped = c.jumped || i > 0
				c.queue = slices.Delete(c.queue, i, i+1)
			}
			b.asked = false
		}
		c.in = append(c.in, b)
		return &b.place
	})
}

// leaves are the branches that may do something: they have nothing open, and work or
// stand.
func (c *crowd) leaves() (all []*crowd) {
	for _, b := range c.in {
		switch {
		case c.ended[b]:
		case b.scope != nil && !b.scope.HasEnded():
			all = append(all, b.leaves()...)
		case !b.asked:
			all = append(all, b)
		}
	}
	return all
}

func (c *crowd) act(r *rand.Rand) {
	switch {
	case !c.place.Works():
		c.asked = true
		c.around.queue = append(c.around.queue, c)
		c.place.Ask()
	case c.scope == nil && c.depth > 0 && r.IntN(4) == 0:
		c.grow(r, 1, c.depth)
	case r.IntN(2) == 0:
		c.place.Stand()
	default:
		c.around.ended[c] = true
		c.place.End()
	}
}

// wrong says what is not as it should be.
func (c *crowd) wrong() string {
	working, alive, waits := 0, 0, len(c.queue) > 0
	for _, b := range c.in {
		if c.ended[b] {
			continue
		}
		alive++
		if b.place.Works() {
			working++
			if !c.place.Works() {
				return "one works in a branch that does not"
			}
		}
		if b.scope != nil && !b.scope.HasEnded() {
			if wrong := b.wrong(); wrong != "" {
				return wrong
			}
		}
	}
	taken := working
	if c.keeps {
		taken = alive
	}
	switch {
	case taken > c.limit:
		return fmt.Sprintf("%d of %d places are taken", taken, c.limit)
	case c.jumped:
		return "one has gone on before another that asked before"
	case c.place.Works() && working < c.limit && waits:
		return "one waits for a place that is to be had"
	case c.place.Works() && taken < c.limit && len(c.in) < c.n:
		return "none begins, and there is a place"
	case c.around != nil && c.place.Works() && working == 0 && alive > 0:
		return "a branch works in which all stand"
	}
	return ""
}
