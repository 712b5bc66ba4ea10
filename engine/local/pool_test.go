package local

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl/engine/internal/exec"
)

// Places that models have together go to who came first, of any of them. Who must wait for
// its own model lets others pass.
func TestPoolIsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(1)
		models := map[string]*limiter{"a": p.limiter(1), "b": p.limiter(1), "c": p.limiter(1)}
		held := take(t, models["c"])
		var order []string
		for _, name := range []string{"a", "b", "a", "c", "b", "a"} {
			go func() {
				s, err := models[name].Wait(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				order = append(order, name) // one holds the place at a time
				time.Sleep(time.Second)
				s(exec.Came{})
			}()
			synctest.Wait()
		}
		held(refused) // 10 s for c
		for name, l := range models {
			if _, ok := l.Try(); ok {
				t.Errorf("a place of %s went to who did not wait", name)
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := []string{"a", "b", "a", "b", "a", "c"}; !slices.Equal(order, want) {
			t.Errorf("order %v, want %v", order, want)
		}
		take(t, models["a"])
		if _, ok := models["b"].Try(); ok {
			t.Error("there are two places")
		}
	})
}
