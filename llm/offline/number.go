package offline

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl/internal/late"
	"github.com/pawlrun/pawl/schema"
)

const (
	goodScore = 0.86
	badScore  = 0.31
)

// number writes a number within its bounds.
func (w *writer) number(n *schema.Node, at place) {
	lo, hi := math.Inf(-1), math.Inf(1)
	if n.Min != "" {
		lo = float(n.Min)
	}
	if n.Max != "" {
		hi = float(n.Max)
	}
	v := w.pick(n, at, lo, hi)
	if n.Type == "integer" {
		lo, hi, v = math.Ceil(lo), math.Floor(hi), math.Round(v)
	}
	v = max(lo, min(v, hi))
	if n.Type == "integer" || math.Abs(v) < 1e15 {
		w.out.WriteString(exact(n, strconv.FormatFloat(v, 'f', -1, 64)))
		return
	}
	raw, _ := json.Marshal(v) // a finite number cannot fail
	w.out.WriteString(exact(n, string(raw)))
}

// float is a bound as near as a float64 comes to it.
func float(bound json.Number) float64 {
	f, _ := bound.Float64() // a bound fits 64 bits
	return f
}

// exact brings an integer within its bounds that rounding has brought out of them:
// above 2^53 a float64 may be another number than the bound that it was made from.
// Other numbers stay.
func exact(n *schema.Node, number string) string {
	v, ok := new(big.Int).SetString(number, 10)
	if !ok || v.CmpAbs(big.NewInt(1<<53)) < 0 {
		return number
	}
	if least, ok := new(big.Int).SetString(n.Min.String(), 10); ok && v.Cmp(least) < 0 {
		v = least
	}
	if most, ok := new(big.Int).SetString(n.Max.String(), 10); ok && v.Cmp(most) > 0 {
		v = most
	}
	return v.String()
}

// pick chooses a number, which may yet be out of bounds.
func (w *writer) pick(n *schema.Node, at place, lo, hi float64) float64 {
	switch {
	case n == at.shared:
		return at.shares[at.index]
	case at.count > 0 && n.Type == "integer" && numbered().MatchString(at.desc):
		return float64(at.index + 1)
	}
	if s, ok := combine(readBounds(at.desc), ofThings); ok && math.IsInf(hi-lo, 0) && s.lo < s.hi && s.hi < unbounded && lo <= float64(s.lo) && float64(s.hi) <= hi {
		lo, hi = float64(s.lo), float64(s.hi)
	}
	level := goodScore
	if w.reject {
		level = badScore
	}
	bounded := !math.IsInf(lo, 0) && !math.IsInf(hi, 0) && lo < hi
	score := isScore(at.name, at.desc)
	switch {
	case bounded && (score || lo == 0 && hi == 1):
		return math.Round(100*(lo+level*(hi-lo))) / 100
	case score && n.Type == "integer":
		return level * 100
	case score:
		return level
	}
	label := strings.TrimLeft(strings.ReplaceAll(w.p.labels[at.name], ",", ""), " $€£~")
	label, _, _ = strings.Cut(label, " ")
	if v, err := strconv.ParseFloat(strings.TrimRight(label, ".;%"), 64); err == nil && at.count == 0 && lo <= v && v <= hi && math.Abs(v) < 1e12 {
		return v
	}
	r := at.seed.with("number")
	small := float64(2 + r.below(7))
	switch {
	case bounded && (hi-lo < 1e6 || lo > small || small > hi):
		return lo/2 + hi/2
	case lo > small:
		return lo + small
	case hi < small:
		return hi - small
	}
	return small
}

// numbered finds a number that says which of several things an item of a list is about:
// "its number, from 1". The items are then about one after another.
var numbered = late.Regexp(`(?i)\bnumber,? (counted )?from 1(\.|;|$)`)

func isNumber(n *schema.Node) bool { return n.Type == "integer" || n.Type == "number" }

// isScore reports whether a number judges something.
func isScore(name, desc string) bool {
	first, _, _ := strings.Cut(desc, ".")
	return hasWord(name, scores) || hasWord(first, scores) && !strings.Contains(name, "count")
}

var scores = setOf("score rating confidence probability likelihood grade quality certainty")
