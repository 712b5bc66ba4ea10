package mask

import "strings"

// minNumber is how many digits a number has at least that is looked for elsewhere.
const minNumber = 4

// learnNumbers remembers sensitive numbers, as they are written.
func (m *Mask) learnNumbers(numbers []string) {
	for _, n := range numbers {
		if n = strings.TrimPrefix(n, "-"); len(n) < minNumber {
			continue
		}
		if m.numbers == nil {
			m.numbers = map[string]bool{}
		}
		m.numbers[n] = true
	}
}

// hideNumbers hides sensitive numbers in s, where they stand alone: 4711 in "it is 4711.",
// and not in "14711".
func (m *Mask) hideNumbers(s string) string {
	if len(m.numbers) == 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		i := strings.IndexAny(s, digits)
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		n := len(s) - len(strings.TrimLeft(s, digits+".eE+-"))
		for n > 1 && !strings.ContainsRune(digits, rune(s[n-1])) {
			n-- // what ends a sentence is no part of its number
		}
		whole := len(s[:n]) - len(strings.TrimLeft(s[:n], digits))
		switch {
		case m.numbers[s[:n]]:
			b.WriteString(Hidden)
			s = s[n:]
		case m.numbers[s[:whole]] && !strings.HasPrefix(s[whole:], "."): // as in 4711-x
			b.WriteString(Hidden)
			s = s[whole:]
		default:
			b.WriteString(s[:whole])
			s = s[whole:]
		}
	}
	b.WriteString(s)
	return b.String()
}

const digits = "0123456789"
