package offline

import (
	"strings"
	"unicode/utf8"
)

// token is a word, a whole number or a mark within a sentence.
type token struct {
	text       string // a word in lower case, a mark as it is
	num        bool
	val        int
	word       bool
	start, end int // within the line
}

// sentences cuts a line into the tokens of its sentences and hands each to fn.
// The slice is reused.
func sentences(s string, fn func([]token)) {
	var buf []token
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r >= '0' && r <= '9':
			t := number(s, i)
			if n := len(buf); n > 1 && buf[n-1].text == "-" && buf[n-1].end == i && buf[n-2].word && buf[n-2].end == buf[n-1].start {
				t.num, t.val = false, 0 // a serial number such as AB-12
			}
			buf = append(buf, t)
			i = t.end
		case wordRune(r):
			j := i + wordLen(s[i:])
			t := token{text: strings.ToLower(s[i:j]), word: true, start: i, end: j}
			t.val = spelled[t.text]
			buf = append(buf, t)
			i = j
		default:
			i += size
			if strings.ContainsRune(".!?;", r) && (i == len(s) || s[i] == ' ') {
				fn(buf)
				buf = buf[:0]
			} else if r != ' ' && r != '\t' && r != '*' && r != '`' {
				buf = append(buf, token{text: s[i-size : i], start: i - size, end: i})
			}
		}
	}
	fn(buf)
}

// number reads "1200" or "1,200" at i. Followed by a letter or a decimal point
// it is a mark like any other.
func number(s string, i int) token {
	t := token{num: true, start: i}
	j := i
	for j < len(s) {
		switch {
		case s[j] >= '0' && s[j] <= '9':
			if t.val < 1<<40 {
				t.val = t.val*10 + int(s[j]-'0')
			}
			j++
			continue
		case s[j] == ',' && digits(s[j+1:]) == 3 && j-i <= 3+4*strings.Count(s[i:j], ","):
			j++
			continue
		}
		break
	}
	if n := wordLen(s[j:]); n > 0 {
		j, t.num = j+n, false
	} else if j < len(s) && s[j] == '.' && digits(s[j+1:]) > 0 {
		j, t.num = j+1+digits(s[j+1:]), false
	}
	if !t.num || t.val > 1<<30 {
		t.num, t.val = false, 0
	}
	t.text, t.end = s[i:j], j
	return t
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// wordLen is the length of the word at the beginning of s.
func wordLen(s string) int {
	for i, r := range s {
		if !wordRune(r) && r != '_' && r != '\'' && r != '’' {
			return i
		}
	}
	return len(s)
}

// spelled holds small numbers as words. It is only read.
var spelled = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20,
}
