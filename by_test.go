package pawl_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
)

type pet struct {
	Name string `json:"name"`
}

func (p pet) ID() string { return p.Name }

type patient struct {
	Name string `json:"name" pawl:"sensitive"`
}

// forked is a Host that keeps the fork that a flow opens.
type forked struct {
	host.Host
	fork host.Fork
}

func (h *forked) Fork(f host.Fork) []error {
	if err := f.Check(); err != nil {
		panic(err)
	}
	h.fork = f
	return make([]error, f.N)
}

// TestBy: items have names in keys, which are escaped and no longer than 200 bytes.
func TestBy(t *testing.T) {
	ids := func(names ...string) []string {
		h := &forked{}
		mapped(t, h, func(r *pawl.Run) {
			pets := make([]pet, len(names))
			for i, n := range names {
				pets[i].Name = n
			}
			pawl.Map(r, "pets", pets, func(*pawl.Run, pet) (int, error) { return 0, nil }, pawl.By(pet.ID), pawl.Limit(2))
		})
		if h.fork.Limit != 2 {
			t.Errorf("limit %d", h.fork.Limit)
		}
		return h.fork.IDs
	}
	long := strings.Repeat("x", 201)
	got := ids("dog", "a/b", "[0]", "100 %", "ü", "=dog", long, long+"y", strings.Repeat("x", 200))
	want := []string{"dog", "a%2Fb", "%5B0%5D", "100%20%25", "%C3%BC", "%3Ddog"}
	if d := cmp.Diff(want, got[:len(want)]); d != "" {
		t.Error(d)
	}
	if a, b := got[len(want)], got[len(want)+1]; len(a) != 33 || a[0] != '=' || len(b) != 33 || a == b || len(got[8]) != 200 {
		t.Errorf("long ones are %q", got[len(want):])
	}
	if got := ids(); got == nil || len(got) != 0 {
		t.Errorf("no items have the identities %#v", got)
	}

	h := &forked{}
	mapped(t, h, func(r *pawl.Run) {
		pawl.TryMap(r, "p", []patient{{"anna"}}, func(*pawl.Run, patient) (int, error) { return 0, nil }, pawl.By(func(p patient) string { return p.Name }))
	})
	if id := h.fork.IDs[0]; len(id) != 33 || id[0] != '=' {
		t.Errorf("what is sensitive stands in the key: %q", id)
	}
}

// TestByRefuses: what is wrong with identities says which items.
func TestByRefuses(t *testing.T) {
	for want, run := range map[string]func(r *pawl.Run){
		`items 0 and 2 of "pets" have the same identity "dog"`: func(r *pawl.Run) {
			pawl.Map(r, "pets", []pet{{"dog"}, {"cat"}, {"dog"}}, func(*pawl.Run, pet) (int, error) { return 0, nil }, pawl.By(pet.ID))
		},
		`map "pets": item 1 has no identity`: func(r *pawl.Run) {
			pawl.Map(r, "pets", []pet{{"dog"}, {}}, func(*pawl.Run, pet) (int, error) { return 0, nil }, pawl.By(pet.ID))
		},
		`map "pets": By is of another type than the items, int`: func(r *pawl.Run) {
			pawl.Map(r, "pets", []int{1}, func(*pawl.Run, int) (int, error) { return 0, nil }, pawl.By(pet.ID))
		},
	} {
		func() {
			defer func() {
				if p := recover(); !strings.Contains(fmt.Sprint(p), want) {
					t.Errorf("got %v, wants %s", p, want)
				}
			}()
			mapped(t, &forked{}, run)
		}()
	}
}

// mapped runs a flow on a host.
func mapped(t *testing.T, h host.Host, fn func(r *pawl.Run)) {
	t.Helper()
	f := pawl.New("f", "F.", func(r *pawl.Run, in struct{}) (int, error) { fn(r); return 0, nil })
	if _, err := f.Invoke(h, json.RawMessage("{}")); err != nil {
		t.Fatal(err)
	}
}
