package offline

import (
	"math"
	"strconv"
	"strings"
)

// unit is what a bound counts.
type unit int

const (
	things unit = iota
	inWords
	inSentences
	other // nothing that an answer is measured by
)

var units = map[string]unit{
	"word": inWords, "words": inWords, "length": inWords, "sentence": inSentences, "sentences": inSentences, "paragraph": other, "paragraphs": other,
	"character": other, "characters": other, "letters": other, "%": other, "percent": other, "per": other,
}

const (
	unbounded = math.MaxInt32
	maxBounds = 50 // of one text; nobody asks for more
)

// bound says how much of something there is to be, both ends included. What is
// meant loosely ("about 300 words", "300 words") is wider by a tenth.
type bound struct {
	lo, hi int
	of     unit
	sum    bool   // numbers are to add up to it
	noun   string // the words after the number
	in     string // the sentence
	wanted bool   // a word such as "wants" stands before it
}

// qualifiers are what may stand before a number, and how it bounds: at least
// (>), at most (<) or about (~) that much, or exactly (=). The first one that
// fits counts.
var qualifiers = []struct {
	kind byte
	text string
}{
	{'<', " no more than"}, {'<', " not more than"}, {'<', " no longer than"}, {'>', " no fewer than"}, {'>', " no less than"},
	{'>', " more than"}, {'>', " longer than"}, {'<', " fewer than"}, {'<', " less than"}, {'<', " shorter than"},
	{'>', " at least"}, {'>', " over"}, {'>', " minimum"}, {'>', " min"},
	{'<', " at most"}, {'<', " up to"}, {'<', " under"}, {'<', " below"}, {'<', " within"}, {'<', " maximum"}, {'<', " max"},
	{'~', " about"}, {'~', " around"}, {'~', " roughly"}, {'~', " approximately"}, {'~', " nearly"}, {'=', " exactly"},
}

// readBounds finds the bounds in a text: the name of a gate, the description of
// a field, a complaint or a line of a prompt.
func readBounds(s string) []bound {
	var out []bound
	for in := range strings.SplitSeq(sentences.Replace(s), "\n") {
		ts := tokensOf(in)
		first, wanted := len(out), false
		for i := 0; i < len(ts) && len(out) < maxBounds; {
			wanted = wanted || wanting[ts[i].text]
			b, next := boundAt(ts, i)
			if next > i {
				b.in, b.wanted = in, wanted
				if wanted && b.noun == "" && len(out) > first { // "has 2 sections, wants 3 to 5"
					last := out[len(out)-1]
					b.noun, b.of, b.sum = last.noun, last.of, last.sum
				}
				if b.of != other {
					out = append(out, b)
				}
			}
			i = max(next, i+1)
		}
	}
	return out
}

// boundAt reads the bound whose first number is ts[i]. Next follows its last
// number; it is i if there is no bound.
func boundAt(ts []token, i int) (b bound, next int) {
	if ts[i].n < 0 {
		return b, i
	}
	b.lo, b.hi, next = ts[i].n, ts[i].n, i+1
	j := next
	if j < len(ts) && units[ts[j].text] != things {
		j++ // "250 words to 400 words"
	}
	ranged := j+1 < len(ts) && ts[j+1].n >= b.lo && (joining[ts[j].text] || i > 0 && ts[i-1].text == "between" && ts[j].text == "and")
	if ranged {
		b.hi, next = ts[j+1].n, j+2
	}
	if !ts[next-1].stop {
		b.follow(ts[next:])
	}
	if !ranged && b.of == things && !digit(ts[i].text[0]) && (b.lo == 1 || b.noun == "") {
		return b, i // "one" is seldom a number
	}
	if b.sum = sums(ts[:i], b.of); !ranged && !b.sum {
		b.qualify(ts[max(0, i-4):i])
	}
	return b, next
}

// follow reads the words after the number.
func (b *bound) follow(ts []token) {
	var noun []string
	for _, t := range ts[:min(len(ts), 5)] {
		if t.n >= 0 {
			break // another bound
		}
		if b.of == things {
			b.of = units[t.text]
		}
		if noun = append(noun, t.text); t.stop {
			break
		}
	}
	b.noun = strings.Join(noun, " ")
}

// sums reports whether what stands before a number makes it a sum.
func sums(ts []token, of unit) bool {
	for n := len(ts) - 1; n >= 0 && n >= len(ts)-8 && ts[n].n < 0; n-- {
		switch ts[n].text {
		case "up", "to", "of", "is":
			if n > 0 && adding[ts[n-1].text] {
				return true
			}
		case "total", "totals":
			return n >= len(ts)-2 && of == things
		}
	}
	return false
}

// qualify reads what stands before a single number, and "or more" after it.
func (b *bound) qualify(ts []token) {
	before := ""
	for _, t := range ts {
		if t.text != "of" && t.text != "a" {
			before += " " + t.text
		}
	}
	kind := byte('=')
	if b.of != things {
		kind = '~'
	}
	for _, q := range qualifiers {
		if strings.HasSuffix(before, q.text) {
			kind = q.kind
			break
		}
	}
	switch {
	case kind == '>', hasAny(b.noun, "or more", "at least"):
		b.hi = unbounded
	case kind == '<', hasAny(b.noun, "or fewer", "or less", "at most"):
		b.lo = 0
	case kind == '~':
		b.lo, b.hi = b.lo-b.lo/10, b.hi+b.hi/10
	}
}

// size is an asked-for amount and what to aim at.
type size struct{ lo, hi, aim int }

// combine makes one size of the bounds that keep wants, the weightiest first:
// the first counts, others narrow it where they can.
func combine(bs []bound, keep func(bound) bool) (size, bool) {
	var s size
	found := false
	for _, b := range bs {
		switch lo, hi := max(s.lo, b.lo), min(s.hi, b.hi); {
		case !keep(b):
		case !found:
			s, found = size{lo: b.lo, hi: b.hi}, true
		case lo <= hi:
			s.lo, s.hi = lo, hi
		}
	}
	switch {
	case s.hi == unbounded:
		s.aim = s.lo + s.lo/10 + 3
	case s.lo == 0:
		s.aim = s.hi * 4 / 5
	default:
		s.aim = s.lo + (s.hi-s.lo)/2
	}
	return s, found
}

// token is a word or a number of a sentence.
type token struct {
	text string // in lower case, without marks around it
	n    int    // the number it is; -1 for none
	stop bool   // a mark follows it
}

// sentences puts each sentence on a line of its own.
var sentences = strings.NewReplacer(". ", "\n", "; ", "\n", "! ", "\n", "? ", "\n")

// dashes makes "5–7" and "~300" readable.
var dashes = strings.NewReplacer("–", "-", "—", "-", " - ", " to ", "~", "about ", "%", " %", "*", "", "`", "")

func tokensOf(s string) []token {
	var ts []token
	for f := range strings.FieldsSeq(strings.ToLower(dashes.Replace(s))) {
		word := strings.TrimRight(f, ".,;:!?)]}\"'”-")
		stop := len(word) < len(f)
		if word = strings.TrimLeft(word, "([{\"'“-"); word == "" {
			continue
		}
		if left, right, ok := strings.Cut(word, "-"); ok && valueOf(left) >= 0 && right != "" { // "5-7", "a 300-word text"
			ts = append(ts, token{left, valueOf(left), false})
			if valueOf(right) >= 0 {
				ts = append(ts, token{"to", -1, false})
			}
			word = right
		}
		ts = append(ts, token{word, valueOf(word), stop})
	}
	return ts
}

// valueOf reads "1200", "1,200" and "twelve".
func valueOf(w string) int {
	if w == "" || !digit(w[0]) {
		if n, ok := spelled[w]; ok {
			return n
		}
		return -1
	}
	n, err := strconv.ParseUint(strings.ReplaceAll(w, ",", ""), 10, 30)
	if comma := strings.LastIndexByte(w, ','); err != nil || comma >= 0 && comma != len(w)-4 {
		return -1
	}
	return int(n)
}

var (
	wanting = setOf("want wants wanted expected must need needs")
	joining = setOf("to through or")
	adding  = setOf("add adds adding sum sums summing")
	spelled = map[string]int{
		"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
		"eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20,
	}
)
