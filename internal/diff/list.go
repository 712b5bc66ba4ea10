package diff

import (
	"strings"

	"github.com/clipperhouse/uax29/v2/words"
)

// list compares two lists: those items with each other that are equal or have the same
// identity, and between them those that are likest, all in order.
func (c *comparer) list(a, b *node, was, is *Path) {
	pairs := c.pairs(a.items, b.items)
	partner := make([]int, len(b.items)) // of each item of b in a; -1: none
	for j := range partner {
		partner[j] = -1
	}
	gone := map[rune][]int{} // items of a without partner, by what they are
	paired := make([]bool, len(a.items))
	for _, p := range pairs {
		partner[p[1]], paired[p[0]] = p[0], true
	}
	for i, n := range a.items {
		if !paired[i] {
			gone[n.number] = append(gone[n.number], i)
		}
	}
	for j, n := range b.items {
		switch from := gone[n.number]; {
		case partner[j] >= 0:
			c.value(a.items[partner[j]], n, was.item(partner[j]), is.item(j))
		case len(from) > 0:
			c.add(Moved, a.items[from[0]], n, was.item(from[0]), is.item(j))
			paired[from[0]], gone[n.number] = true, from[1:]
		default:
			c.add(Added, nil, n, nil, is.item(j))
		}
	}
	for i, n := range a.items {
		if !paired[i] {
			c.add(Removed, n, nil, was.item(i), nil)
		}
	}
}

// pairs says which items of two lists are compared with each other, in order.
func (c *comparer) pairs(a, b []*node) (pairs [][2]int) {
	numbersOf := func(all []*node) []rune {
		list := make([]rune, len(all))
		for i, n := range all {
			list[i] = n.number
		}
		return list
	}
	as, bs := numbersOf(a), numbersOf(b)
	hasIdentity := false
	if name := identityOf(a, b); name != "" {
		hasIdentity = true
		for i, n := range a {
			as[i] = n.members[name].number
		}
		for i, n := range b {
			bs[i] = n.members[name].number
		}
	}
	i, j := 0, 0
	same := func(until int) {
		for ; i < until; i, j = i+1, j+1 {
			pairs = append(pairs, [2]int{i, j})
		}
	}
	for _, e := range align(as, bs) {
		same(e.aFrom)
		if !hasIdentity {
			for _, p := range c.likest(a[e.aFrom:e.aTo], b[e.bFrom:e.bTo]) {
				pairs = append(pairs, [2]int{e.aFrom + p[0], e.bFrom + p[1]})
			}
		}
		i, j = e.aTo, e.bTo
	}
	same(len(a))
	return pairs
}

// identities are what a field is called by which people know an object, alone or at the end
// of its name: id, section_id.
var identities = []string{"id", "key", "name", "title"}

// identityOf is the name of the member by which all objects in two lists are known, each of
// one list by another value; empty: there is none.
func identityOf(a, b []*node) string {
	if len(a) == 0 || len(b) == 0 || !a[0].IsObject() {
		return ""
	}
	for _, word := range identities {
		for i := range a[0].Len() {
			name, _ := a[0].Member(i)
			if lower := strings.ToLower(name); (lower == word || strings.HasSuffix(lower, "_"+word)) && isIdentity(name, a) && isIdentity(name, b) {
				return name
			}
		}
	}
	return ""
}

// isIdentity reports whether all items of a list are objects that have a member of that name,
// each with another value.
func isIdentity(name string, items []*node) bool {
	seen := make(map[rune]bool, len(items))
	for _, n := range items {
		id := n.members[name]
		if id == nil || id.Len() > 0 || seen[id.number] {
			return false
		}
		seen[id.number] = true
	}
	return true
}

// mostPairs is how many pairs of items of all lists together are looked at for what they
// have in common, mostWords how many words of an item are, and mostBytes in how much of it.
const mostPairs, mostWords, mostBytes = 20_000, 64, 1 << 10

// likest pairs items in order, as many as can be. As many as there were are the same ones,
// each in its place; else those are paired that have most in common.
func (c *comparer) likest(a, b []*node) (pairs [][2]int) {
	if len(a) == len(b) || len(a) == 0 || len(b) == 0 || len(a)*len(b) > c.left || len(a)+len(b) > mostPairs {
		for i := range min(len(a), len(b)) {
			pairs = append(pairs, [2]int{i, i})
		}
		return pairs
	}
	c.left -= len(a) * len(b)
	best := make([][]float64, len(a)+1) // of what is behind: how much pairs have in common
	for i := range best {
		best[i] = make([]float64, len(b)+1)
	}
	paired := func(i, j int) float64 { return 1 + likeness(a[i], b[j]) + best[i+1][j+1] } // 1: any pair is better than none
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			best[i][j] = max(paired(i, j), best[i+1][j], best[i][j+1])
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch best[i][j] {
		case best[i+1][j]:
			i++
		case best[i][j+1]:
			j++
		default:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		}
	}
	return pairs
}

// likeness is from 0 to 1 how much of the words of two values is the same.
func likeness(a, b *node) float64 {
	x, y := a.firstWords(), b.firstWords()
	common := 0
	for word, n := range x {
		common += min(n, y[word])
	}
	return float64(common) / mostWords
}

// firstWords counts the first words of a value, so many at most.
func (n *node) firstWords() map[string]int {
	if n.words == nil {
		n.words = map[string]int{}
		n.countWords(n.words, mostWords)
	}
	return n.words
}

// countWords counts the words of a value, and returns how many more are wanted.
func (n *node) countWords(to map[string]int, wanted int) int {
	for i := 0; i < n.Tree.Len() && wanted > 0; i++ {
		if n.IsArray() {
			wanted = n.items[i].countWords(to, wanted)
		} else {
			name, _ := n.Member(i)
			wanted = n.members[name].countWords(to, wanted)
		}
	}
	if n.Tree.Len() > 0 || n.IsArray() || n.IsObject() {
		return wanted
	}
	text, isText := n.Text()
	if !isText {
		text = n.Scalar()
	}
	for in := words.FromString(text[:min(len(text), mostBytes)]); wanted > 0 && in.Next(); {
		if word := in.Value(); !isMark(word) {
			to[word]++
			wanted--
		}
	}
	return wanted
}
