package replay_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// Each word of a play is what happens: "+a" adds a result of a, "!a" that it stands,
// "?a" that it may go on, "p:a,b" asks for the next turn while a and b wait, "t:a" asks
// for a by name, "s:a" whether it stands since before.
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
		{"stands and goes on", "!a +b ?a +a p:a,b p:a,b p:a,b p:a,b", "!a b ?a a", ""},
		{"stands since before", "!a +b p:b s:a s:b", "b stands -", ""},
		{"stood before", "!a ?a +b p:b s:a", "b -", ""},
		{"has its result since", "!a +a p: s:a t:a", "- - a", ""},
		{"dropped, but stands and goes on", "!a +a d:a p:a p:a p:a", "!a ?a -", ""},
		{"dropped, and does not stand", "!a +a d:a p: s:a", "- -", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s replay.Script
			var got []string
			seq := pawl.Seq(0)
			say := func(key pawl.Key, ok bool) {
				if !ok {
					key = "-"
				}
				got = append(got, string(key))
			}
			for _, word := range strings.Fields(c.play) {
				switch what, arg := word[:1], strings.TrimPrefix(word[1:], ":"); what {
				case "+":
					seq++
					s.Add(replay.Turn{Seq: seq, Key: pawl.Key(arg), Result: &replay.Result{Seq: seq, Key: pawl.Key(arg)}})
				case "!", "?":
					seq++
					s.Add(replay.Turn{Seq: seq, Key: pawl.Key(arg), Stands: what == "!"})
				case "p":
					turn, ok := s.Next(func(k pawl.Key) bool { return slices.Contains(strings.Split(arg, ","), string(k)) })
					switch {
					case turn.Stands:
						turn.Key = "!" + turn.Key
					case ok && turn.Result == nil:
						turn.Key = "?" + turn.Key
					}
					say(turn.Key, ok)
				case "t":
					res, ok := s.Take(pawl.Key(arg))
					say(res.Key, ok)
				case "s":
					say("stands", s.Stands(pawl.Key(arg)))
				case "d":
					s.Drop(pawl.Key(arg))
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
