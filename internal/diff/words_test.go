package diff_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pawlrun/pawl/internal/diff"
)

// marked writes hunks as people know them.
func marked(hunks []diff.Hunk) string {
	var b strings.Builder
	for _, h := range hunks {
		switch h.Op {
		case diff.Removed:
			b.WriteString("[-" + h.Text + "-]")
		case diff.Added:
			b.WriteString("{+" + h.Text + "+}")
		default:
			b.WriteString(h.Text)
		}
	}
	return b.String()
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""},
		{"same", "same", "same"},
		{"", "all new", "{+all new+}"},
		{"all gone", "", "[-all gone-]"},
		{"the quick brown fox", "the slow brown fox", "the [-quick-]{+slow+} brown fox"},
		{"It ends here.", "It ends here, or not.", "It ends here{+, or not+}."},
		{"a big grey cat sat", "a small red dog sat", "a [-big grey cat-]{+small red dog+} sat"},
		{"we don't pay 3.14 now", "we didn't pay 3.15 now", "we [-don't-]{+didn't+} pay [-3.14-]{+3.15+} now"},
		{"one\ntwo\nthree\n", "one\n2\nthree\n", "one\n[-two-]{+2+}\nthree\n"},
		{"one\nthree\n", "one\ntwo\nthree\n", "one\n{+two\n+}three\n"},
		{"# A\n\nfirst text\n", "# B\n\nsecond text\n", "# [-A-]{+B+}\n\n[-first-]{+second+} text\n"},
		{"天気がいい", "天気が悪い", "天気が[-い-]{+悪+}い"},
		{"by \U0001F469\u200d\U0001F4BB now", "by \U0001F469\u200d\U0001F52C now", "by [-\U0001F469\u200d\U0001F4BB-]{+\U0001F469\u200d\U0001F52C+} now"},
		{"bad \xff byte", "bad \xfe byte", "bad [-\xff-]{+\xfe+} byte"},
	} {
		if got := marked(diff.Words(c.a, c.b)); got != c.want {
			t.Errorf("Words(%q, %q) is %q, wants %q", c.a, c.b, got, c.want)
		}
	}
}

// checkWords complains if hunks are not what they are said to be.
func checkWords(t *testing.T, a, b string) []diff.Hunk {
	t.Helper()
	hunks := diff.Words(a, b)
	var before, after strings.Builder
	for i, h := range hunks {
		if h.Text == "" || i > 0 && (hunks[i-1].Op == h.Op || hunks[i-1].Op == diff.Added && h.Op == diff.Removed) {
			t.Errorf("hunk %d of %q and %q: %+v", i, a, b, hunks)
		}
		if h.Op != diff.Added {
			before.WriteString(h.Text)
		}
		if h.Op != diff.Removed {
			after.WriteString(h.Text)
		}
		if utf8.ValidString(a) && utf8.ValidString(b) && !utf8.ValidString(h.Text) {
			t.Errorf("hunk %d of %q and %q tears a character apart: %q", i, a, b, h.Text)
		}
	}
	if before.String() != a || after.String() != b {
		t.Errorf("hunks make %q of %q, and %q of %q", before.String(), a, after.String(), b)
	}
	if a == b && len(hunks) > 1 {
		t.Errorf("%q differs from itself: %+v", a, hunks)
	}
	return hunks
}

// Of any two texts the hunks make both again, and whatever is inserted, removed and
// changed.
func TestWordsAreBothTexts(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	vocabulary := []string{"the", "a", "pawl", "wheel", "turns", "3.14", "don't", "naïve", "天", "\n", "\n\n", ", ", ". ", "- ", "\U0001F469\u200d\U0001F4BB", "\u0301", "\r\n", "\t"}
	text := func(n int) []string {
		var all []string
		for range n {
			all = append(all, vocabulary[rnd.IntN(len(vocabulary))], []string{" ", "", "\n"}[rnd.IntN(3)])
		}
		return all
	}
	for range 500 {
		a := text(rnd.IntN(300))
		b := append([]string{}, a...)
		for range rnd.IntN(60) {
			at := rnd.IntN(len(b) + 1)
			b = append(b[:at:at], append(text(rnd.IntN(4)), b[min(len(b), at+rnd.IntN(3)):]...)...)
		}
		checkWords(t, strings.Join(a, ""), strings.Join(b, ""))
		checkWords(t, strings.Join(b, ""), strings.Join(a, ""))
	}
}

func FuzzWords(f *testing.F) {
	f.Add("the quick fox\njumps", "the slow fox\njumped")
	f.Add(strings.Repeat("a b ", 60), strings.Repeat("b a ", 60))
	f.Fuzz(func(t *testing.T, a, b string) { checkWords(t, a, b) })
}

// What is large and hostile is compared all the same, in bounded time: what takes long here
// would not end in years.
func TestWordsAreBounded(t *testing.T) {
	numbers := func(n, step int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "w%d ", i*step)
		}
		return b.String()
	}
	word := strings.Repeat("x", 1<<20)
	for name, c := range map[string][2]string{
		"a word of a megabyte":    {word, word + "y"},
		"nothing but marks":       {strings.Repeat("!", 1<<20), strings.Repeat("!?", 1<<19)},
		"nothing in common":       {numbers(90_000, 2), "n" + strings.ReplaceAll(numbers(90_000, 2), " w", " n")},
		"every second word":       {numbers(60_000, 1), numbers(60_000, 2)},
		"a period":                {strings.Repeat("a b c ", 30_000), strings.Repeat("b a c ", 30_000)},
		"too many words":          {strings.Repeat("a ", 1<<19), strings.Repeat("b ", 1<<19)},
		"too many lines":          {strings.Repeat("\n", 1<<20), strings.Repeat("\n", 1<<20) + "x"},
		"marks upon one letter":   {"a" + strings.Repeat("\u0301", 1<<19), "a" + strings.Repeat("\u0302", 1<<19)},
		"every line another word": {strings.ReplaceAll(numbers(50_000, 1), " ", " a\n"), strings.ReplaceAll(numbers(50_000, 1), " ", " b\n")},
	} {
		t.Run(name, func(t *testing.T) { checkWords(t, c[0], c[1]) })
	}
}

// Changes in more places than the search finds at once are found all the same.
func TestManyChangedWords(t *testing.T) {
	var a, b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&a, "word%d ", i)
		if i%10 == 5 {
			fmt.Fprintf(&b, "other%d ", i)
		} else {
			fmt.Fprintf(&b, "word%d ", i)
		}
	}
	changed := 0
	for _, h := range checkWords(t, a.String(), b.String()) {
		if h.Op == diff.Removed {
			changed += len(strings.Fields(h.Text))
		}
	}
	if changed > 220 { // of 200
		t.Errorf("%d words count as changed, 200 are", changed)
	}
}
