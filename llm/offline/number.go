package offline

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl/schema"
)

const (
	goodScore = 0.86
	badScore  = 0.31
)

// number writes a number within its bounds.
func (w *writer) number(n *schema.Node, h hint) {
	v, lo, hi := w.pick(n, h), math.Inf(-1), math.Inf(1)
	if n.Min != nil {
		lo = *n.Min
	}
	if n.Max != nil {
		hi = *n.Max
	}
	if n.Type == "integer" {
		lo, hi = math.Ceil(lo), math.Floor(hi)
		v = math.Round(v)
	}
	v = max(lo, min(v, hi))
	if math.Abs(v) < 1e15 {
		w.out.WriteString(strconv.FormatFloat(v, 'f', -1, 64))
		return
	}
	raw, _ := json.Marshal(v) // a finite number cannot fail
	if n.Type == "integer" {
		raw = strconv.AppendFloat(nil, v, 'f', 0, 64)
	}
	w.out.Write(raw)
}

// pick chooses a number, not yet within bounds.
func (w *writer) pick(n *schema.Node, h hint) float64 {
	if list := w.splits[n]; h.index < len(list) {
		return list[h.index]
	}
	level := goodScore
	if w.reject {
		level = badScore
	}
	lo, hi, bounded := bounds(n, h.desc)
	score := isScore(h.name, h.desc)
	switch {
	case bounded && lo >= 0 && hi <= 1 && lo <= level && level <= hi:
		return level
	case bounded && score:
		return rounded(lo + level*(hi-lo))
	case score && n.Type == "integer":
		return level * 100
	case score:
		return level
	}
	if h.count == 0 {
		if v, ok := w.labelledNumber(n, h.name); ok {
			return v
		}
	}
	if hasWord(h.name, sized) {
		if s, ok := w.p.textSize("", "", nil); ok && (!bounded || lo <= float64(s.aim) && float64(s.aim) <= hi) {
			return float64(s.aim)
		}
	}
	r := h.seed.with("number")
	small := float64(2 + r.below(7))
	switch {
	case bounded && hi-lo > 1e6 && lo <= small && small <= hi:
		return small
	case bounded && hi-lo < 1e15:
		return rounded(lo + (hi-lo)/2)
	case n.Min != nil && *n.Min > small:
		return *n.Min + small
	case n.Max != nil && *n.Max < small:
		return *n.Max - small
	}
	if v, err := strconv.ParseFloat(string(n.Default), 64); err == nil {
		return v
	}
	if n.Type == "number" {
		small += 0.5
	}
	return small
}

// rounded drops digits nobody wants to read.
func rounded(v float64) float64 {
	if r := math.Round(v*100) / 100; math.Abs(r-v) < 0.01 && math.Abs(v) < 1e12 {
		return r
	}
	return v
}

// bounds returns the bounds of the schema, or else those the description names.
func bounds(n *schema.Node, desc string) (lo, hi float64, ok bool) {
	if n.Min != nil && n.Max != nil {
		return *n.Min, *n.Max, true
	}
	for _, a := range readAmounts(desc) {
		if a.manner == ranging && a.hi > a.lo && a.unit == ofThings {
			lo, hi = float64(a.lo), float64(a.hi)
			return lo, hi, (n.Min == nil || *n.Min <= lo) && (n.Max == nil || *n.Max >= hi)
		}
	}
	return 0, 0, false
}

// labelledNumber reads "Quantity: 3" from the prompt if it fits the bounds.
func (w *writer) labelledNumber(n *schema.Node, name string) (float64, bool) {
	s := strings.ReplaceAll(w.p.labelled(name), ",", "")
	s = strings.TrimLeft(s, " $€£~")
	s, _, _ = strings.Cut(s, " ")
	v, err := strconv.ParseFloat(strings.TrimRight(s, ".;%"), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) || math.Abs(v) > 1e12 ||
		n.Min != nil && v < *n.Min || n.Max != nil && v > *n.Max {
		return 0, false
	}
	return v, true
}

// isScore reports whether a number judges something.
func isScore(name, desc string) bool {
	if hasWord(name, scores) {
		return true
	}
	first, _, _ := strings.Cut(desc, ".")
	return hasWord(first, scores) && !strings.Contains(name, "count")
}

var scores = setOf("score rating confidence probability likelihood grade quality certainty")
