package diff_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/diff"
	"github.com/pawlrun/pawl/schema"
)

// said writes changes as lines.
func said(changes []diff.Change) string {
	var lines []string
	for _, c := range changes {
		line := string(c.Op) + " "
		if c.Was != nil {
			line += c.Was.String()
		}
		if c.Is != nil && (c.Was == nil || c.Was.String() != c.Is.String()) {
			line += " > " + c.Is.String()
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s: %s %s", line, c.Old, c.New)))
	}
	return strings.Join(lines, "\n")
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ name, a, b, want string }{
		{"equal, whatever the order and the spelling", `{"a":1.50,"b":[1]}`, `{"b":[1],"a":1.5}`, ``},
		{"a text", `"a"`, `"b"`, `changed : "a" "b"`},
		{"members", `{"a":1,"gone":2,"same":3}`, `{"new":4,"a":5,"same":3}`, "added  > new:  4\nchanged a: 1 5\nremoved gone: 2"},
		{"another type", `{"a":{"b":1}}`, `{"a":[1]}`, `changed a: {"b":1} [1]`},
		{"to nothing", `{"a":{"b":1}}`, `{"a":{}}`, `removed a.b: 1`},
		{"within lists", `{"s":[{"w":1},{"w":2}]}`, `{"s":[{"w":1},{"w":3}]}`, `changed s[1].w: 2 3`},
		{"inserted", `["a","b","c"]`, `["a","new","b","c"]`, `added  > [1]:  "new"`},
		{"inserted, and one behind it changed", `[{"t":"a b c d","n":1},{"t":"e f g h","n":2}]`, `[{"t":"x y z","n":0},{"t":"a b c d","n":1},{"t":"e f g i","n":2}]`,
			"added  > [0]:  {\"t\":\"x y z\",\"n\":0}\nchanged [1].t > [2].t: \"e f g h\" \"e f g i\""},
		{"likest, not by place", `[{"t":"one two three four"},{"t":"five six seven eight"}]`, `[{"t":"five six seven nine"}]`,
			"changed [1].t > [0].t: \"five six seven eight\" \"five six seven nine\"\nremoved [0]: {\"t\":\"one two three four\"}"},
		{"by identity", `[{"id":"a","n":1},{"id":"b","n":2}]`, `[{"id":"c","n":3},{"id":"b","n":4}]`,
			"added  > [0]:  {\"id\":\"c\",\"n\":3}\nchanged [1].n: 2 4\nremoved [0]: {\"id\":\"a\",\"n\":1}"},
		{"moved", `["a","b","c"]`, `["b","c","a"]`, `moved [0] > [2]: "a" "a"`},
		{"names that are no words", `{"a b":1,"\u001b[2J":{"c.d":1}}`, `{"a b":2,"\u001b[2J":{"c.d":2}}`, "changed [\"a b\"]: 1 2\nchanged [\"\\x1b[2J\"][\"c.d\"]: 1 2"},
		{"no JSON", `{`, `{}`, `changed : { {}`},
		{"a key twice", `{"a":1,"a":2}`, `{"a":1}`, `changed : {"a":1,"a":2} {"a":1}`},
		{"no JSON, the same", `{`, `{`, ``},
		{"null", `null`, `{"a":null}`, `changed : null {"a":null}`},
		{"long integers", `12345678901234567890`, `12345678901234567891`, `changed : 12345678901234567890 12345678901234567891`},
	} {
		t.Run(c.name, func(t *testing.T) {
			changes, more := diff.Values(json.RawMessage(c.a), json.RawMessage(c.b), 100)
			if got := said(changes); got != c.want || more != 0 {
				t.Errorf("is\n%s\nwants\n%s", got, c.want)
			}
		})
	}
}

// places are changes by where they are, in one of the values.
type places struct {
	here *diff.Change
	in   map[string]*places
}

func (p *places) next(name string, index int) *places {
	key := fmt.Sprintf("%d %s", index, name)
	if p.in == nil {
		p.in = map[string]*places{}
	}
	if p.in[key] == nil {
		p.in[key] = &places{}
	}
	return p.in[key]
}

func (p *places) put(at *diff.Path, c *diff.Change) {
	if at == nil {
		return
	}
	for _, part := range at.Parts() {
		p = p.next(part.Name, part.Index)
	}
	p.here = c
}

// apply does changes to a value.
func apply(a json.RawMessage, changes []diff.Change) json.RawMessage {
	was, is := &places{}, &places{}
	for i := range changes {
		was.put(changes[i].Was, &changes[i])
		is.put(changes[i].Is, &changes[i])
	}
	raw, _ := json.Marshal(rebuilt(decode(a), was, is))
	return raw
}

func decode(raw json.RawMessage) (v any) {
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	_ = dec.Decode(&v)
	return v
}

func rebuilt(a any, was, is *places) any {
	if is.here != nil && is.here.Op != diff.Removed {
		return decode(is.here.New)
	}
	leaves := func(p *places) bool { return p.here != nil && (p.here.Op == diff.Removed || p.here.Op == diff.Moved) }
	comes := func(p *places) bool { return p.here != nil && (p.here.Op == diff.Added || p.here.Op == diff.Moved) }
	switch a := a.(type) {
	case map[string]any:
		b := map[string]any{}
		for name, v := range a {
			if !leaves(was.next(name, -1)) {
				b[name] = rebuilt(v, was.next(name, -1), is.next(name, -1))
			}
		}
		for key, p := range is.in {
			if comes(p) {
				b[strings.TrimPrefix(key, "-1 ")] = decode(p.here.New)
			}
		}
		return b
	case []any:
		b := []any{}
		coming := func() {
			for p := is.next("", len(b)); comes(p); p = is.next("", len(b)) {
				b = append(b, decode(p.here.New))
			}
		}
		for i, v := range a {
			coming()
			if from := was.next("", i); !leaves(from) {
				b = append(b, rebuilt(v, from, is.next("", len(b))))
			}
		}
		coming()
		return b
	}
	return a
}

func reversed(changes []diff.Change) []diff.Change {
	var all []diff.Change
	for _, c := range changes {
		c.Was, c.Is, c.Old, c.New = c.Is, c.Was, c.New, c.Old
		switch c.Op {
		case diff.Added:
			c.Op = diff.Removed
		case diff.Removed:
			c.Op = diff.Added
		}
		all = append(all, c)
	}
	return all
}

// checkValues complains if the changes do not make b of a, or reversed a of b.
func checkValues(t *testing.T, a, b json.RawMessage) {
	t.Helper()
	changes, more := diff.Values(a, b, 1<<20)
	canonical := func(raw json.RawMessage) string {
		c, err := schema.Canonical(raw)
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		return string(c)
	}
	if got := canonical(apply(a, changes)); more != 0 || got != canonical(b) {
		t.Fatalf("%s with\n%s\nis\n%s, wants\n%s", a, said(changes), got, b)
	}
	if got := canonical(apply(b, reversed(changes))); got != canonical(a) {
		t.Fatalf("%s without\n%s\nis\n%s, wants\n%s", b, said(changes), got, a)
	}
}

// random makes values of few different parts, so that they have much in common.
func random(rnd *rand.Rand, depth int) any {
	switch kind := rnd.IntN(6); {
	case kind < 2 && depth > 0:
		list := []any{}
		for range rnd.IntN(6) {
			list = append(list, random(rnd, depth-1))
		}
		return list
	case kind < 4 && depth > 0:
		object := map[string]any{}
		for range rnd.IntN(5) {
			object[[]string{"id", "name", "a", "b c", ""}[rnd.IntN(5)]] = random(rnd, depth-1)
		}
		return object
	}
	return []any{nil, true, 1, 1.5, "one two", "one three", "four"}[rnd.IntN(7)]
}

// Changes make the second value of the first and, reversed, the first of the second.
func TestValuesAreBoth(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		a, _ := json.Marshal(random(rnd, 4))
		b, _ := json.Marshal(random(rnd, 4))
		checkValues(t, a, b)
	}
}

func FuzzValues(f *testing.F) {
	f.Add(`{"a":[1,{"id":1},{"id":2}]}`, `{"a":[{"id":2},1]}`)
	f.Add(`[[],[1],[2,3]]`, `[[2,3],[1,4]]`)
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, raw := range []string{a, b} {
			if _, err := schema.ReadTree([]byte(raw)); err != nil {
				diff.Values(json.RawMessage(a), json.RawMessage(b), 10)
				return
			}
		}
		checkValues(t, json.RawMessage(a), json.RawMessage(b))
	})
}

// Large and hostile values are compared all the same, and no more changes are told than
// asked for.
func TestValuesAreBounded(t *testing.T) {
	list := func(n int, item string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
	}
	counted := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format+",", i, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	deep := func(in string) string { return strings.Repeat(`[0,`, 900) + in + strings.Repeat(`]`, 900) }
	for name, c := range map[string]struct {
		a, b string
		most int // that are told and not
	}{
		"100,000 changed fields":    {"{" + counted(100_000, `"f%d":"a%d"`) + "}", "{" + counted(100_000, `"f%d":"b%d"`) + "}", 100_000},
		"100,000 other items":       {"[" + counted(100_000, `"a%d %d"`) + "]", "[" + counted(100_001, `"b%d %d"`) + "]", 100_001},
		"lists of other lengths":    {list(10_000, `["a b c",1]`), list(10_000, `["a b d",2,3]`), 30_000},
		"far down":                  {deep(list(100_000, "1")), strings.Replace(deep(list(100_000, "2")), "[0,", "[9,8,", 900), 200_000},
		"one text of a megabyte":    {`"` + strings.Repeat("x", 1<<20) + `"`, `"` + strings.Repeat("y", 1<<20) + `"`, 1},
		"a name of a megabyte":      {`{"` + strings.Repeat("x", 1<<20) + `":` + list(2000, "1") + `}`, `{"` + strings.Repeat("x", 1<<20) + `":` + list(2000, "2") + `}`, 2000},
		"identities in disorder":    {"[" + counted(20_000, `{"id":%d,"n":%d}`) + "]", "[" + counted(15_000, `{"id":"%d","n":%d}`) + "]", 35_000},
		"more values than are read": {list(500_001, "1"), list(500_001, "2"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			changes, more := diff.Values(json.RawMessage(c.a), json.RawMessage(c.b), 10)
			if len(changes) > 10 || len(changes)+more > c.most || len(changes) == 0 {
				t.Errorf("%d changes are told, and %d more counted; wants %d in all at most", len(changes), more, c.most)
			}
			for _, ch := range changes {
				for _, at := range []*diff.Path{ch.Was, ch.Is} {
					if at != nil && len(at.String()) > 1100 {
						t.Errorf("a path of %d bytes", len(at.String()))
					}
				}
			}
		})
	}
}
