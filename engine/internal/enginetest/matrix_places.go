package enginetest

import (
	"strings"

	"github.com/pawlrun/pawl"
)

// Place is where in a flow a run stands still.
type Place struct {
	Name string
	Body func(r *pawl.Run, at func(*pawl.Run, string) string) []string // what each of the keys got

	// rounds are the keys at which it stands still: those of a round at once,
	// one round after the other. asks are the steps beside them.
	Rounds [][]pawl.Key
	Asks   []pawl.Key
}

func plain(r *pawl.Run, name string) string { return pawl.Ask(r, name, Text("plain")) }

// between is a flow that stands still between two steps.
func between(at func(*pawl.Run, string) string) *pawl.FlowOf[Topic, string] {
	return pawl.New("sub", "A part.", func(r *pawl.Run, in Topic) (string, error) {
		plain(r, "s")
		got := at(r, "g")
		plain(r, "t")
		return got, nil
	})
}

var Places = []Place{
	{"first", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		got := at(r, "g")
		plain(r, "after")
		return []string{got}
	}, [][]pawl.Key{{"g"}}, []pawl.Key{"after"}},

	{"linear", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		plain(r, "before")
		got := at(r, "g")
		plain(r, "after")
		return []string{got}
	}, [][]pawl.Key{{"g"}}, []pawl.Key{"before", "after"}},

	{"branch", func(r *pawl.Run, at func(*pawl.Run, string) string) (got []string) {
		if strings.HasPrefix(plain(r, "before"), "answer") {
			got = append(got, at(r, "g"))
		} else {
			plain(r, "other")
		}
		plain(r, "after")
		return got
	}, [][]pawl.Key{{"g"}}, []pawl.Key{"before", "after"}},

	{"parallel", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		var got string
		pawl.Parallel(r, "p",
			pawl.Go("a", func(r *pawl.Run) error { plain(r, "s"); got = at(r, "g"); plain(r, "t"); return nil }),
			pawl.Go("b", func(r *pawl.Run) error { plain(r, "s"); plain(r, "t"); return nil }))
		plain(r, "after")
		return []string{got}
	}, [][]pawl.Key{{"p/a/g"}}, []pawl.Key{"p/a/s", "p/a/t", "p/b/s", "p/b/t", "after"}},

	{"map", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		out := pawl.Map(r, "m", []int{0, 1, 2}, func(r *pawl.Run, i int) (string, error) {
			if i == 1 {
				return at(r, "g"), nil
			}
			return plain(r, "s"), nil
		}, pawl.Limit(2))
		plain(r, "after")
		return out[1:2]
	}, [][]pawl.Key{{"m[1]/g"}}, []pawl.Key{"m[0]/s", "m[2]/s", "after"}},

	{"loop", func(r *pawl.Run, at func(*pawl.Run, string) string) (got []string) {
		for range 3 {
			got = append(got, at(r, "g"))
			plain(r, "after")
		}
		return got
	}, [][]pawl.Key{{"g"}, {"g#2"}, {"g#3"}}, []pawl.Key{"after", "after#2", "after#3"}},

	{"call", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		got := pawl.Call(r, "c", between(at), Topic{})
		plain(r, "after")
		return []string{got}
	}, [][]pawl.Key{{"c/g"}}, []pawl.Key{"c/s", "c/t", "after"}},

	{"nested", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		return pawl.Map(r, "m", []int{0, 1}, func(r *pawl.Run, _ int) (string, error) {
			return pawl.Call(r, "c", between(at), Topic{}), nil
		})
	}, [][]pawl.Key{{"m[0]/c/g", "m[1]/c/g"}}, []pawl.Key{"m[0]/c/s", "m[0]/c/t", "m[1]/c/s", "m[1]/c/t"}},

	{"two", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		return []string{at(r, "g"), at(r, "h")}
	}, [][]pawl.Key{{"g"}, {"h"}}, nil},

	{"arms", func(r *pawl.Run, at func(*pawl.Run, string) string) []string {
		got := make([]string, 2)
		pawl.Parallel(r, "p",
			pawl.Go("a", func(r *pawl.Run) error { plain(r, "s"); got[0] = at(r, "g"); plain(r, "t"); return nil }),
			pawl.Go("b", func(r *pawl.Run) error { plain(r, "s"); got[1] = at(r, "g"); plain(r, "t"); return nil }))
		return got
	}, [][]pawl.Key{{"p/a/g", "p/b/g"}}, []pawl.Key{"p/a/s", "p/a/t", "p/b/s", "p/b/t"}},
}
