package crashtest

import (
	"maps"
	"sync"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
)

// provider is the server of one test. It gives a scene's answers, but none to
// the calls that are held: they stay in flight until their client dies or they
// are released.
type provider struct {
	*responsestest.Server
	t    *testing.T
	came chan responsestest.Call // every call that is held

	mu       sync.Mutex
	which    func(responsestest.Call) bool // are to be held
	released chan struct{}
	held     map[string]int // how many, by digest
}

func newProvider(t *testing.T, answer func(responsestest.Call) responsestest.Reply) *provider {
	p := &provider{
		Server: responsestest.New(t), t: t, held: map[string]int{},
		came: make(chan responsestest.Call, 1000), // more than any test makes
	}
	t.Cleanup(func() {
		for _, v := range p.Violations() {
			t.Errorf("the provider would refuse: %s", v)
		}
	})
	p.holding(none)
	p.On(func(c responsestest.Call) responsestest.Reply {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.which(c) {
			return answer(c)
		}
		released := p.released
		p.held[c.Digest]++
		p.came <- c
		return answer(c).Before(func(responsestest.Call) { <-released })
	})
	return p
}

// holding says which of the calls to come are held, until release, which also
// the test's end calls.
func (p *provider) holding(which func(responsestest.Call) bool) (release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	released := make(chan struct{})
	p.which, p.released = which, released
	release = sync.OnceFunc(func() { close(released) })
	p.t.Cleanup(release)
	return release
}

func none(responsestest.Call) bool { return false }

// number holds the n-th call of all.
func number(n int) func(responsestest.Call) bool {
	return func(c responsestest.Call) bool { return c.N == n }
}

// unanswered returns how often each content was held.
func (p *provider) unanswered() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.held)
}

// counts returns how often each content arrived.
func (p *provider) counts() map[string]int {
	n := map[string]int{}
	for _, c := range p.Calls() {
		n[c.Digest]++
	}
	return n
}
