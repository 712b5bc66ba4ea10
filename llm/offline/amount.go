package offline

import (
	"math"
	"slices"
	"strings"
)

// unit is what an amount counts.
type unit int

const (
	ofThings unit = iota
	ofWords
	ofSentences
	ofParagraphs
	ofCharacters
)

// manner is how an amount was put.
type manner int

const (
	plainly manner = iota // "300 words"
	ranging               // "250 to 400 words", "exactly 300 words"
	about
	atLeast
	atMost
	summing // "add up to 300"
)

const unbounded = math.MaxInt32

// amount is a quantity named in a text. Its bounds are inclusive.
type amount struct {
	lo, hi     int
	manner     manner
	unit       unit
	nouns      []string // stems of the words that follow it
	sentence   string   // where it stands; of a very long one the part around it
	start, end int      // within the line
	cue        bool     // words of instruction come before it
	wanted     bool     // a word such as "wants" comes before it
	subject    bool     // stands where a subject stands: "about 3 to 5 cats"
	alone      bool     // nothing that counts follows it
	rank       int      // how likely it is an instruction about the answer
}

// readAmounts finds the amounts in a line.
func readAmounts(s string) []amount {
	var out []amount
	sentences(s, func(ts []token) {
		if len(ts) == 0 {
			return
		}
		for i := 0; i < len(ts); i++ {
			a, next, ok := amountAt(ts, i)
			if !ok {
				continue
			}
			// Enough of the sentence to see what it is about.
			a.sentence = s[ts[max(0, i-60)].start:ts[min(len(ts)-1, next+60)].end]
			out = append(out, a)
			i = next - 1
		}
	})
	return out
}

// amountAt reads the amount whose first number is ts[i]; next follows its last.
func amountAt(ts []token, i int) (a amount, next int, ok bool) {
	if !ts[i].num && ts[i].val == 0 {
		return a, 0, false
	}
	a.lo, a.hi, next = ts[i].val, ts[i].val, i+1
	j := next
	if j < len(ts) && textUnit(ts[j].text) != ofThings {
		j++ // "250 words to 400 words"
	}
	if j+1 < len(ts) && (ts[j+1].num || ts[j+1].val > 0) && ts[j+1].val >= a.lo && joins(ts, i, j) {
		a.hi, a.manner, next = ts[j+1].val, ranging, j+2
	}
	a.start, a.end = ts[i].start, ts[next-1].end
	a.follow(ts[next:])
	if next < len(ts) && (ts[next].text == "%" || ts[next].text == "percent" || ts[next].text == "per") {
		return a, 0, false
	}
	a.precede(ts[:i])
	if !ts[i].num && a.manner == plainly && a.unit == ofThings && (a.lo == 1 || len(a.nouns) == 0) {
		return a, 0, false // "one" is seldom a number
	}
	return a, next, true
}

// joins reports whether ts[j] makes a range of the numbers around it.
func joins(ts []token, i, j int) bool {
	switch ts[j].text {
	case "to", "-", "–", "—", "~", "through", "or":
		return true
	case "and", "&":
		return i > 0 && ts[i-1].text == "between"
	}
	return false
}

// follow reads the words after the number: the unit, the noun, "or more".
func (a *amount) follow(ts []token) {
	for n, t := range ts {
		if t.text == "-" {
			continue // "a 300-word text"
		}
		if !t.word || n > 5 {
			break
		}
		if a.unit == ofThings && n <= 3 {
			a.unit = textUnit(t.text)
		}
		a.nouns = append(a.nouns, stem(t.text))
	}
	a.alone = len(a.nouns) == 0
	if a.manner != plainly {
		return
	}
	switch tail := " " + strings.Join(a.nouns, " ") + " "; {
	case strings.Contains(tail, " or more "), strings.Contains(tail, " at least "), strings.Contains(tail, " minimum "):
		a.hi, a.manner = unbounded, atLeast
	case strings.Contains(tail, " or fewer "), strings.Contains(tail, " or less "), strings.Contains(tail, " at most "), strings.Contains(tail, " maximum "):
		a.lo, a.manner = 0, atMost
	}
}

// precede reads the words before the number, nearest first.
func (a *amount) precede(ts []token) {
	before := func(n int) string {
		if n <= len(ts) {
			return ts[len(ts)-n].text
		}
		return ""
	}
	for n := 1; n <= len(ts) && n <= 24; n++ {
		a.cue = a.cue || cueing[before(n)]
		a.wanted = a.wanted || wanting[before(n)]
	}
	switch before(1) {
	case "about", "on", "of", "titled", "called", "named", "regarding":
		a.subject = a.manner == ranging && before(1) != "of"
	}
	if a.sums(ts) {
		a.manner = summing
		return
	}
	if a.manner != plainly {
		return
	}
	one, two, three := before(1), before(2), before(3)
	if one == "of" || one == "a" {
		one, two, three = two, three, before(4)
	}
	negated := three == "no" || three == "not"
	switch {
	case one == "than" && (two == "fewer" || two == "less") && negated,
		one == "than" && (two == "more" || two == "longer") && !negated,
		one == "least", one == "over", one == "minimum", one == "min":
		a.hi, a.manner = unbounded, atLeast
	case one == "than" && (two == "more" || two == "longer") && negated,
		one == "than" && (two == "fewer" || two == "less" || two == "shorter"),
		one == "most", one == "to" && two == "up", one == "under", one == "below", one == "within",
		one == "maximum", one == "max":
		a.lo, a.manner = 0, atMost
	case slices.Contains([]string{"about", "around", "roughly", "approximately", "approx", "circa", "some", "nearly", "near", "~"}, one):
		a.manner = about
	case one == "exactly", one == "precisely":
		a.manner = ranging
	}
}

// sums reports whether the words before a number say that parts add up to it.
func (a *amount) sums(ts []token) bool {
	if a.manner == ranging {
		return false
	}
	for n := len(ts) - 1; n >= 0 && n >= len(ts)-10 && !ts[n].num; n-- {
		next := ""
		if n+1 < len(ts) {
			next = ts[n+1].text
		}
		switch ts[n].text {
		case "add", "adds", "adding", "sum", "sums", "summing":
			if next == "up" || next == "to" || next == "of" || next == "is" {
				return true
			}
		case "total", "totals", "totalling", "totaling":
			if n >= len(ts)-2 && a.unit == ofThings {
				return true
			}
		}
	}
	return false
}

func textUnit(w string) unit {
	switch w {
	case "word", "words":
		return ofWords
	case "sentence", "sentences":
		return ofSentences
	case "paragraph", "paragraphs":
		return ofParagraphs
	case "character", "characters", "chars", "letters":
		return ofCharacters
	}
	return ofThings
}
