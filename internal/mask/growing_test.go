package mask

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
)

// knowing is a mask that has learned secrets.
func knowing(secrets ...string) *Mask {
	m := &Mask{secrets: strings.NewReplacer()}
	m.remember(secrets)
	return m
}

// What is shown of a text that grows is at any time the beginning of what is shown of
// the whole, wherever the pieces end; at its end it is all of that.
func TestGrowing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	secrets := []string{"abab", "ababc", "babaXYZ", "c\"d\"", "größe", "abcdefgh", "defg", "cccc"}
	m := knowing(secrets...)
	parts := append([]string{"a", "b", "ab", "c", "d", "gr", "ö", "\xc3", `\"`, " ", "X", `c\"d\"`}, secrets...)
	for range 3000 {
		var whole strings.Builder
		for range 1 + random.IntN(8) {
			whole.WriteString(parts[random.IntN(len(parts))])
		}
		text, want := whole.String(), m.Line(whole.String())
		g, shown := m.Grow(), ""
		for rest := text; rest != ""; {
			n := 1 + random.IntN(len(rest))
			shown += g.Add(rest[:n])
			if rest = rest[n:]; !strings.HasPrefix(want, shown) {
				t.Fatalf("%q shows %q before %q, wants the beginning of %q", text, shown, rest, want)
			}
		}
		if shown += g.End(); shown != want {
			t.Fatalf("%q shows %q, wants %q", text, shown, want)
		}
	}
}

// A text that cannot become a secret is shown at once, and what may become one is held
// back no longer than it is not clear.
func TestGrowingHoldsBack(t *testing.T) {
	g := knowing("Ada Lovelace").Grow()
	for _, step := range [][2]string{{"Dear ", "Dear "}, {"A", ""}, {"da", ""}, {" Smith, ", "Ada Smith, "}, {"Ada Love", ""}, {"lace", Hidden}, {".", "."}, {"Ada", ""}} {
		if got := g.Add(step[0]); got != step[1] {
			t.Errorf("%q shows %q, wants %q", step[0], got, step[1])
		}
	}
	if got := g.End(); got != "Ada" {
		t.Errorf("the end shows %q", got)
	}
}

func TestHidesAnswer(t *testing.T) {
	m := Of(nil)
	if !m.HidesAnswer("a") {
		t.Error("the flow is not known, and answers are shown")
	}
	m.info = &pawl.FlowInfo{}
	m.hideStep("secret")
	if m.HidesAnswer("a") || !m.HidesAnswer("secret") {
		t.Error("the sensitive step alone is to be hidden")
	}
	m.open = true
	if !m.HidesAnswer("a") {
		t.Error("what is sensitive of the output is not known, and answers are shown")
	}
}
