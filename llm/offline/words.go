package offline

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordRune reports whether r belongs to a word.
func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// fields yields the words of s, without marks around and between them.
func fields(s string) iter.Seq[string] {
	return strings.FieldsFuncSeq(s, func(r rune) bool { return !wordRune(r) && r != '\'' && r != '’' })
}

// words makes "targetLength" and "target_length" into "target length".
func words(name string) string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		switch {
		case r == '_' || r == '-' || r == ' ':
			b.WriteByte(' ')
			lower = false
			continue
		case unicode.IsUpper(r) && lower:
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// stem makes singular and plural of an English word equal.
func stem(w string) string {
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case len(w) > 4 && (strings.HasSuffix(w, "ches") || strings.HasSuffix(w, "shes") || strings.HasSuffix(w, "xes") || strings.HasSuffix(w, "sses")):
		return w[:len(w)-2]
	case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
		return w[:len(w)-1]
	}
	return w
}

// hasWord reports whether one of the words of s is in set; the set holds stems.
func hasWord(s string, set map[string]bool) bool {
	for w := range fields(s) {
		if set[stem(strings.ToLower(w))] {
			return true
		}
	}
	return false
}

// mentions reports whether s contains name, given in the form of words, with
// its words apart or joined by a mark.
func mentions(s, name string) bool {
	if name == "" {
		return false
	}
	want := strings.Fields(name)
	at := 0
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return !wordRune(r) }) {
		w = stem(strings.ToLower(w))
		if w == stem(want[at]) {
			if at++; at == len(want) {
				return true
			}
			continue
		}
		at = 0
		if w == stem(want[0]) && len(want) > 1 {
			at = 1
		}
	}
	return false
}

func setOf(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// instructs reports whether a label announces an instruction, not material.
func instructs(label string) bool { return hasWord(label, instructing) }

// complains reports whether a message reads like a complaint about an answer.
func complains(text string) bool { return hasWord(text, complaining) }

// The sets hold stems and are only read.
var (
	instructing = setOf("length word size target limit count number total budget task instruction requirement " +
		"rule constraint format output important answer must scope goal")
	complaining = setOf("again not wrong invalid reject rejected refused too missing want wanted expected must " +
		"fix correct error problem fail failed need accepted valid instead below above")
	cueing = setOf("write use keep aim make give return produce create plan draft revise rewrite propose list " +
		"include contain must should shall need want have has having exactly between length long limit least " +
		"most target fill generate compose prepare pick suggest name choose split require required of needs " +
		"contains wants ask asks divide allow")
	wanting   = setOf("want wants wanted expected must need needs")
	wholesale = setOf("whole total overall entire altogether combined")
)
