package pawl_test

import (
	"testing"

	"github.com/pawlrun/pawl"
)

// TestPaceOfAMap: the last of a Limit and InOrder counts.
func TestPaceOfAMap(t *testing.T) {
	type pace struct {
		limit   int
		inOrder bool
	}
	for _, c := range []struct {
		opts []pawl.MapOption
		want pace
	}{
		{nil, pace{16, false}},
		{[]pawl.MapOption{pawl.Limit(3)}, pace{3, false}},
		{[]pawl.MapOption{pawl.Limit(0)}, pace{0, false}},
		{[]pawl.MapOption{pawl.InOrder}, pace{16, true}},
		{[]pawl.MapOption{pawl.Limit(3), pawl.InOrder}, pace{3, true}},
		{[]pawl.MapOption{pawl.InOrder, pawl.Limit(3)}, pace{3, false}},
	} {
		h := &forked{}
		f := pawl.New("f", "F.", func(r *pawl.Run, _ struct{}) (int, error) {
			pawl.Map(r, "items", []int{1}, func(*pawl.Run, int) (int, error) { return 0, nil }, c.opts...)
			return 0, nil
		})
		if _, err := f.Invoke(h, []byte("{}")); err != nil {
			t.Fatal(err)
		}
		if got := (pace{h.fork.Limit, h.fork.InOrder}); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.opts, got, c.want)
		}
	}
}
