package offline

import (
	"slices"
	"strings"
)

// textSize finds how many words a text is to have: from the description of its
// field, else from a sentence of the prompt that names the field, else from the
// prompt at large. Amounts in sentences that name one of the others are left
// for those. name and others are in the form of words; an empty name stands for
// the whole answer.
func (p *prompt) textSize(name, desc string, others []string) (span, bool) {
	if s, ok := combine(fieldAmounts(desc, ofWords)); ok {
		return s, true
	}
	var named, free, rest []amount
	for _, a := range p.amounts {
		switch {
		case a.unit != ofWords || a.manner == summing:
		case name != "" && mentions(a.sentence, name):
			named = append(named, a)
		case slices.ContainsFunc(others, func(o string) bool { return mentions(a.sentence, o) }):
			rest = append(rest, a)
		default:
			free = append(free, a)
		}
	}
	for _, as := range [][]amount{named, free, rest} {
		if len(as) > 0 && as[0].rank >= rankInstruction {
			return combine(as)
		}
	}
	// What only the material says is better than nothing.
	return combine(slices.Concat(named, free, rest))
}

// namedSize is textSize for a field that has no claim to the amounts of the
// prompt at large.
func (p *prompt) namedSize(name, desc string) (span, bool) {
	if s, ok := combine(fieldAmounts(desc, ofWords)); ok {
		return s, true
	}
	var named []amount
	for _, a := range p.amounts {
		if a.unit == ofWords && a.manner != summing && a.rank >= rankInstruction && mentions(a.sentence, name) {
			named = append(named, a)
		}
	}
	return combine(named)
}

// fieldAmounts reads the amounts of one unit in the description of a field.
func fieldAmounts(desc string, u unit) []amount {
	var out []amount
	for _, a := range readAmounts(desc) {
		if a.unit == u && (u != ofThings || a.manner != summing) {
			a.rank = rankField
			out = append(out, a)
		}
	}
	return out
}

// itemCounts lists how many items a list may be meant to have, the likeliest
// first.
func (p *prompt) itemCounts(name, desc string) []amount {
	out := fieldAmounts(desc, ofThings)
	var stems []string
	for w := range strings.FieldsSeq(name) {
		stems = append(stems, stem(w))
	}
	n := len(out)
	for w := range fields(desc) {
		if w = stem(strings.ToLower(w)); len(w) > 3 && !common[w] && !cueing[w] {
			stems = append(stems, w)
		}
	}
	for _, a := range p.amounts {
		if a.unit == ofThings && a.manner != summing && slices.ContainsFunc(a.nouns, func(w string) bool { return slices.Contains(stems, w) }) {
			if a.manner == plainly {
				a.rank -= 3 // "5 questions" is often a remark; "5 to 7 questions" is not
			}
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out[n:], func(a, b amount) int { return b.rank - a.rank })
	return out
}

// sums lists what the numbers named name may have to add up to, the likeliest
// first.
func (p *prompt) sums(name, desc string, only bool) []int {
	var out []amount
	says := false
	for _, a := range readAmounts(desc) {
		if a.manner == summing {
			a.rank = rankField
			out = append(out, a)
		}
	}
	for w := range fields(desc) {
		switch strings.ToLower(w) {
		case "add", "adds", "adding", "sum", "sums", "total", "totals", "together":
			says = true
		}
	}
	for _, a := range p.amounts {
		if a.manner != summing {
			continue
		}
		switch related := sharesWord(a.sentence, name); {
		case related:
			a.rank += 12
		case !says && !only:
			continue
		}
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b amount) int { return b.rank - a.rank })
	var totals []int
	for _, a := range out {
		totals = append(totals, a.lo)
	}
	if says || hasWord(name, sized) {
		if s, ok := p.textSize("", "", nil); ok && (len(out) == 0 || out[0].rank < rankInstruction) {
			totals = append([]int{s.aim}, totals...)
		}
	}
	return totals
}

var sized = map[string]bool{"length": true, "word": true, "size": true}

// sharesWord reports whether s has one of the words of name.
func sharesWord(s, name string) bool {
	for w := range strings.FieldsSeq(name) {
		if len(w) > 3 && mentions(s, w) {
			return true
		}
	}
	return false
}
