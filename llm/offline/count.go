package offline

import (
	"math"
	"strings"

	"github.com/pawlrun/pawl/schema"
)

// count decides how many items a list gets and, where their numbers must add up
// to a total, how it is split.
func (w *writer) count(n *schema.Node, h hint) int {
	lo, hi := 0, unbounded
	if n.MinItems != nil {
		lo = *n.MinItems
	}
	if n.MaxItems != nil {
		hi = *n.MaxItems
	}
	troubles := lists(h.desc, h.name, h.judged)
	if troubles && !w.reject && lo == 0 {
		return 0
	}
	want := 3
	if lo > 0 || hi < unbounded {
		want = middle(lo, hi)
	}
	soft, hard := amount{lo: lo, hi: hi}, hi
	for _, a := range w.p.itemCounts(h.name, h.desc) {
		if l, r := max(lo, a.lo), min(hi, a.hi); l <= r && r > 0 && l <= 10_000 {
			soft.lo, soft.hi = l, r
			want = middle(l, r)
			break
		}
	}
	if n.Items.Type == "string" {
		list := n.Items.Enum
		if list == nil {
			list = w.offered(h)
		}
		if len(list) > 0 { // each choice once, if the bounds allow
			return clamp(min(want, len(list)), lo, hi)
		}
	}
	node, totals := w.totals(n, h)
	for _, total := range totals {
		least, most := 1.0, math.Inf(1)
		if node.Min != nil {
			least = max(*node.Min, 1)
		}
		if node.Max != nil {
			most = *node.Max
		}
		// As many as asked for; else as many as the bounds allow.
		for _, r := range [][2]int{{soft.lo, soft.hi}, {lo, hard}} {
			from := max(float64(r[0]), math.Ceil(float64(total)/most), 1)
			to := min(float64(r[1]), math.Floor(float64(total)/least), 10_000)
			if from > to {
				continue
			}
			if soft.hi-soft.lo > 6 {
				want = max(3, total/250)
			}
			want = clamp(want, int(from), int(to))
			w.splits[node] = split(total, want, node.Type == "integer")
			return want
		}
	}
	if w.reject && troubles || lo == 0 {
		return clamp(max(want, 1), lo, hi)
	}
	return clamp(want, lo, hi)
}

// middle picks a count between bounds; wide bounds get a small one.
func middle(lo, hi int) int {
	if hi-lo <= 6 {
		return lo + (hi-lo)/2
	}
	return clamp(4, lo, hi)
}

// totals finds the number in the items of a list that has to add up to
// something, and what it may be.
func (w *writer) totals(n *schema.Node, h hint) (*schema.Node, []int) {
	items := n.Items
	if items.Type == "integer" || items.Type == "number" {
		return items, w.p.sums(h.name, h.desc+". "+items.Description, false)
	}
	var only *schema.Node
	numbers := 0
	for _, f := range items.Fields {
		if f.Node.Type == "integer" || f.Node.Type == "number" {
			numbers++
			only = f.Node
			delete(w.splits, f.Node)
		}
	}
	var weak *schema.Node
	var weakTotals []int
	for _, f := range items.Fields {
		if f.Node.Type != "integer" && f.Node.Type != "number" || isScore(words(f.Name), f.Node.Description) {
			continue
		}
		totals := w.p.sums(words(f.Name), f.Node.Description, numbers == 1 && f.Node == only)
		if len(totals) == 0 {
			continue
		}
		if addsUp(f.Node.Description) {
			return f.Node, totals
		}
		if weak == nil {
			weak, weakTotals = f.Node, totals
		}
	}
	return weak, weakTotals
}

func addsUp(desc string) bool {
	d := strings.ToLower(desc)
	return strings.Contains(d, "add up") || strings.Contains(d, "adds up") || strings.Contains(d, "sum") || strings.Contains(d, "together")
}

// split shares total out evenly over n parts; the first parts are larger.
func split(total, n int, whole bool) []float64 {
	out := make([]float64, n)
	scale := 1
	if !whole && total < 1<<20 {
		scale = 100
	}
	left := total * scale
	for i := range out {
		share := left / (n - i)
		if left%(n-i) != 0 {
			share++
		}
		left -= share
		out[i] = float64(share) / float64(scale)
	}
	return out
}

// lists reports whether a list holds what is wrong, so that it is empty when
// all is well.
func lists(desc, name string, judged bool) bool {
	d := strings.ToLower(desc)
	for _, s := range []string{"empty when", "empty if", "empty unless", "empty where", "empty list", "none if", "none when", "may be empty", "can be empty", "if any"} {
		if strings.Contains(d, s) {
			return true
		}
	}
	return judged && hasWord(name, troubles)
}

var troubles = setOf("issue problem error fault defect violation complaint objection warning blocker concern flaw mistake failure")
