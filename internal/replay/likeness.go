package replay

import (
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
)

// likeness is what results have in common that may stand at each other's keys.
type likeness struct {
	name   string
	kind   pawl.Kind
	digest string
	place  string // of a do, see placeOf
}

func (s *Step) likeness() likeness {
	like := likeness{name: s.Key.Name(), kind: s.Head.Kind, digest: s.Head.Digest}
	if like.kind == pawl.KindDo {
		like.place = placeOf(s.Key, like.name)
	}
	return like
}

// placeOf returns a key's place in the code: without the items of maps, and with a name at
// its end.
func placeOf(key pawl.Key, name string) string {
	var b strings.Builder
	rest := string(key)
	for i := strings.IndexByte(rest, '['); i >= 0; i = strings.IndexByte(rest, '[') {
		b.WriteString(rest[:i] + "[]")
		_, rest, _ = strings.Cut(rest[i:], "]")
	}
	b.WriteString(rest[:strings.LastIndexByte(rest, '/')+1] + name)
	if i := strings.LastIndexByte(rest, '#'); i > strings.LastIndexByte(rest, '/') {
		b.WriteString(rest[i:])
	}
	return b.String()
}

// isOtherItem reports whether two keys are those of items that are known to be others:
// both are known by what they are, and that differs.
func isOtherItem(a, b pawl.Key) bool {
	as, bs := identitiesIn(a), identitiesIn(b)
	return len(as) > 0 && len(bs) > 0 && !slices.Equal(as, bs)
}

func identitiesIn(key pawl.Key) (ids []string) {
	rest := string(key)
	for {
		_, after, ok := strings.Cut(rest, "[=")
		if !ok {
			return ids
		}
		id, behind, _ := strings.Cut(after, "]")
		ids, rest = append(ids, id), behind
	}
}

// namesOf are the names under which the base may have a step.
func namesOf(name, was string) []string {
	if was == "" {
		return []string{name}
	}
	return []string{name, was}
}
