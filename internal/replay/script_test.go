package replay_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// Each word of a play is what happens: "+a" adds a result of a, "p:a,b" asks for
// the next while a and b are parked, "t:a" asks for a by name.
func TestScript(t *testing.T) {
	for _, c := range []struct{ name, play, want, unused string }{
		{"in order", "+a +b p:a p:b", "a b", ""},
		{"as recorded, not as asked", "+b +a p:a,b p:a", "b a", ""},
		{"nothing recorded", "p:a t:a", "- -", ""},
		{"set aside, then asked", "+x +a p:a t:x p:", "a x -", ""},
		{"asked once", "+x p: t:x t:x", "- x -", ""},
		{"never asked", "+x +a +y p:a p:", "a -", "x y"},
		{"unused in order of events", "+z +a +m p: t:a", "- a", "z m"},
		{"added later comes later", "+x p:a +a p:a t:x", "- a x", ""},
		{"still in the queue is not unused", "+a +b p:a", "a", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s replay.Script
			var got []string
			seq := pawl.Seq(0)
			say := func(r replay.Result, ok bool) {
				if !ok {
					got = append(got, "-")
					return
				}
				got = append(got, string(r.Key))
			}
			for _, word := range strings.Fields(c.play) {
				switch what, arg := word[:1], strings.TrimPrefix(word[1:], ":"); what {
				case "+":
					seq++
					s.Add(replay.Result{Seq: seq, Key: pawl.Key(arg)})
				case "p":
					say(s.Next(func(k pawl.Key) bool { return slices.Contains(strings.Split(arg, ","), string(k)) }))
				case "t":
					say(s.Take(pawl.Key(arg)))
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if unused := strings.Trim(fmt.Sprint(s.Unused()), "[]"); unused != c.unused {
				t.Errorf("unused %s, want %s", unused, c.unused)
			}
		})
	}
}
