package offline

import (
	"cmp"
	"slices"
	"strings"
)

// Ranks say how likely an amount is meant for the answer.
const (
	rankField       = 100 // in the description of the field itself
	rankWanted      = 70  // what a complaint wants
	rankUserCue     = 60
	rankSystem      = 50
	rankLooseCue    = 45
	rankUser        = 40
	rankInstruction = 40 // from here on an amount may narrow another
	rankLoose       = 15
	rankMaterial    = 10
	rankOther       = 5 // other numbers of a complaint
)

// findAmounts reads the amounts of all lines, the weightiest first. What stands
// in quotes or within a repetition of the subject is material.
func (p *prompt) findAmounts() {
	for i := range p.lines {
		l := &p.lines[i]
		if l.region == material && !strings.ContainsAny(l.text, "0123456789") {
			continue
		}
		as := readAmounts(l.text)
		if len(as) == 0 {
			continue
		}
		masks := p.masks(l.text)
		for _, a := range as {
			region := l.region
			if a.alone && l.label != "" && !topical[l.label] && strings.HasSuffix(l.text, l.value) && a.end-a.start >= len(l.value)-1 {
				// "Questions: 5 to 7", "Target length: 300"
				a.names(l.label)
				if region == material {
					region = authored
				}
				a.cue = true
			}
			a.cue = a.cue || l.label != "" && instructs(l.label)
			a.rank = rank(l.source, region, a)
			if masked(masks, a.start) {
				a.rank = rankMaterial
			}
			p.amounts = append(p.amounts, a)
		}
	}
	// Of two with the same weight the later one goes first.
	slices.Reverse(p.amounts)
	slices.SortStableFunc(p.amounts, func(a, b amount) int { return cmp.Compare(b.rank, a.rank) })
}

// names takes what an amount counts from the label before it.
func (a *amount) names(label string) {
	for w := range strings.FieldsSeq(label) {
		if a.unit == ofThings {
			a.unit = textUnit(w)
		}
		a.nouns = append(a.nouns, stem(w))
	}
	if a.unit == ofThings && slices.Contains(a.nouns, "length") {
		a.unit = ofWords
	}
}

func rank(src source, reg region, a amount) int {
	r := rankMaterial
	switch {
	case src == fromComplaint && a.wanted:
		return rankWanted
	case src == fromComplaint:
		return rankOther
	case reg == material:
		return r
	case src == fromSystem:
		r = rankSystem
	case reg == loose && a.cue:
		r = rankLooseCue
	case reg == loose:
		r = rankLoose
	case a.cue:
		r = rankUserCue
	default:
		r = rankUser
	}
	if a.subject {
		r -= 15
	}
	if a.manner != summing && hasWord(a.sentence, wholesale) {
		r -= 8
	}
	return r
}

// masks returns where a line quotes or repeats the subject: in order, without
// overlaps.
func (p *prompt) masks(s string) [][2]int {
	all := append(quotes(s), repeats(s, p.subject)...)
	slices.SortFunc(all, func(a, b [2]int) int { return cmp.Compare(a[0], b[0]) })
	var out [][2]int
	for _, m := range all {
		if n := len(out); n > 0 && m[0] <= out[n-1][1] {
			out[n-1][1] = max(out[n-1][1], m[1])
			continue
		}
		out = append(out, m)
	}
	return out
}

// masked reports whether i lies in one of masks.
func masked(masks [][2]int, i int) bool {
	n, found := slices.BinarySearchFunc(masks, i, func(m [2]int, i int) int { return cmp.Compare(m[0], i) })
	return found || n > 0 && i < masks[n-1][1]
}

// quotes returns where a line quotes.
func quotes(s string) [][2]int {
	var out [][2]int
	open := -1
	for i, r := range s {
		switch r {
		case '“', '«', '„':
			open = i
		case '”', '»':
			if open >= 0 {
				out = append(out, [2]int{open, i})
				open = -1
			}
		case '"', '`':
			if open >= 0 {
				out = append(out, [2]int{open, i})
				open = -1
			} else {
				open = i
			}
		}
	}
	return out
}

// repeats returns where a line repeats the subject.
func repeats(s, subject string) [][2]int {
	if len(subject) < 4 {
		return nil
	}
	var out [][2]int
	for at := 0; ; {
		i := strings.Index(s[at:], subject)
		if i < 0 {
			return out
		}
		out = append(out, [2]int{at + i, at + i + len(subject)})
		at += i + len(subject)
	}
}

// span is an asked-for size.
type span struct{ lo, hi, aim int }

// combine makes one span of amounts, the weightiest first: the first counts,
// others narrow it where they can.
func combine(as []amount) (span, bool) {
	if len(as) == 0 {
		return span{}, false
	}
	lo, hi := as[0].bounds()
	for _, a := range as[1:] {
		if a.rank < rankInstruction || a.subject {
			continue
		}
		if l, h := a.bounds(); max(lo, l) <= min(hi, h) {
			lo, hi = max(lo, l), min(hi, h)
		}
	}
	s := span{lo: lo, hi: hi}
	switch {
	case hi == unbounded:
		s.aim = lo + lo/10 + 3
	case lo == 0:
		s.aim = hi * 4 / 5
	default:
		s.aim = lo + (hi-lo)/2
	}
	return s, true
}

// bounds widens what is meant loosely by a tenth.
func (a amount) bounds() (lo, hi int) {
	if a.manner == about || a.manner == plainly && a.unit != ofThings {
		return a.lo - a.lo/10, a.hi + a.hi/10
	}
	return a.lo, a.hi
}
