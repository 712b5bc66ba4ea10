package offline

import (
	"math"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl/schema"
)

// maxItems is how long a list gets that is asked for in words.
const maxItems = 1000

func (w *writer) array(n *schema.Node, at place) {
	at.count, at.shared, at.shares = w.count(n, at)
	at.names = newNamer(w.p, at.seed)
	at.judged = false
	seed := at.seed
	w.out.WriteByte('[')
	for i := range at.count {
		if i > 0 {
			w.out.WriteByte(',')
		}
		at.index, at.seed = i, seed.with(strconv.Itoa(i))
		w.value(n.Items, at)
	}
	w.out.WriteByte(']')
}

// count decides how many items a list gets and, where a number in them must add
// up to something, how that is shared out.
func (w *writer) count(n *schema.Node, at place) (int, *schema.Node, []float64) {
	lo, hi := limits(n.MinItems, n.MaxItems)
	s, ok := w.p.itemCount(at.name, at.desc)
	if !w.reject && lo == 0 && s.lo == 0 && listsTrouble(at) {
		return 0, nil, nil
	}
	from, to, want := lo, hi, 3
	if ok && max(lo, s.lo) <= min(hi, s.hi, maxItems) && s.hi > 0 {
		from, to = max(lo, s.lo), min(hi, s.hi)
	}
	if to-from <= 6 {
		want = from + (to-from)/2
	} else if to < unbounded {
		want = 4
	}
	want = clamp(want, max(from, 1), to)
	if list := w.offered(n.Items, at); len(list) > 0 { // each choice once, if the bounds allow
		return clamp(min(want, len(list)), lo, hi), nil, nil
	}
	node, total := w.total(n.Items, at)
	if node == nil {
		return clamp(want, lo, hi), nil, nil
	}
	if to-from > 6 {
		want = max(3, total/250)
	}
	least, most := 1, total
	if node.Min != "" {
		least = int(clamp(math.Ceil(float(node.Min)), 1, unbounded))
	}
	if node.Max != "" {
		most = int(clamp(float(node.Max), 1, unbounded))
	}
	for _, r := range [][2]int{{from, to}, {lo, hi}} { // as many as asked for, or as the schema allows
		from, to := max(r[0], (total+most-1)/max(most, 1), 1), min(r[1], total/least, maxItems)
		if from <= to {
			want = clamp(want, from, to)
			return want, node, split(total, want, node.Type == "integer")
		}
	}
	return clamp(want, lo, hi), nil, nil
}

// limits gives the bounds of a list or a string as numbers.
func limits(least, most *int) (lo, hi int) {
	hi = unbounded
	if least != nil {
		lo = *least
	}
	if most != nil {
		hi = *most
	}
	return lo, hi
}

// total finds the number in the items of a list that has to add up to something,
// and to what; nil if there is none.
func (w *writer) total(items *schema.Node, at place) (node *schema.Node, total int) {
	if isNumber(items) {
		if t, ok := w.p.sum(at.name, at.desc+". "+items.Description, false); ok {
			return items, t
		}
	}
	var numbers []schema.Field
	for _, f := range items.Fields {
		if isNumber(f.Node) && !isScore(words(f.Name), f.Node.Description) {
			numbers = append(numbers, f)
		}
	}
	for _, f := range numbers {
		t, ok := w.p.sum(words(f.Name), f.Node.Description, len(numbers) == 1)
		if ok && (node == nil || addsUp(f.Node.Description)) {
			node, total = f.Node, t
		}
	}
	return node, total
}

// split shares total out evenly over n parts; the first parts are larger.
func split(total, n int, whole bool) []float64 {
	scale := 1
	if !whole {
		scale = 100
	}
	out := make([]float64, n)
	left := total * scale
	for i := range out {
		share := (left + n - i - 1) / (n - i)
		left -= share
		out[i] = float64(share) / float64(scale)
	}
	return out
}

// listsTrouble reports whether a list holds what is wrong, so that it is empty
// when all is well.
func listsTrouble(at place) bool {
	return at.judged && hasWord(at.name, troubles) ||
		hasAny(strings.ToLower(at.desc), "empty when", "empty if", "empty unless", "empty list", "none if", "none when", "may be empty", "can be empty", "if any")
}

var troubles = setOf("issue problem error fault defect violation complaint objection warning blocker concern flaw mistake failure")

func clamp[T int | float64](n, lo, hi T) T { return max(lo, min(n, hi)) }
