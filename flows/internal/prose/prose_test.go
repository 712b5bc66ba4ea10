package prose_test

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl/flows/internal/prose"
)

func TestWords(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{
		{"", 0},
		{" \n\t ", 0},
		{"one", 1},
		{"## A heading - and *more*", 4},
		{"it's well-known, isn’t it?", 4},
		{"* * * --- !!! 🙂", 0},
		{"3 apples 4.5%", 3},
		{"naïve café\u00a0été", 3},
		{"潮の満ち引き", 6},
		{"the 潮 rises", 3},
		{"\xff\xfe word", 1},
	} {
		if got := prose.Words(c.text); got != c.want {
			t.Errorf("Words(%q) = %d, want %d", c.text, got, c.want)
		}
	}
}

func TestComplaintsNameBothSides(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{prose.WordsBetween("a b", 2, 3), ""},
		{prose.WordsBetween("a b c", 2, 3), ""},
		{prose.WordsBetween("a", 2, 3), "has 1 word, wants 2 to 3"},
		{prose.WordsBetween("a b c d", 2, 3), "has 4 words, wants 2 to 3"},
		{prose.WordsAtLeast("a b", 2), ""},
		{prose.WordsAtLeast("ok", 480), "has 1 word, wants at least 480"},
	} {
		got := ""
		if c.err != nil {
			got = c.err.Error()
		}
		if got != c.want {
			t.Errorf("complaint %q, want %q", got, c.want)
		}
	}
}

func TestLineIsOneShortLine(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"  plain  ", "plain"},
		{"two\nlines\r\nand\ttabs", "two lines and tabs"},
		{"\x1b[31mred\x1b[0m\x07", "[31mred [0m"},
		{"", ""},
	} {
		if got := prose.Line(c.text); got != c.want {
			t.Errorf("Line(%q) = %q, want %q", c.text, got, c.want)
		}
	}
	long := prose.Line(strings.Repeat("é", 100_000))
	if n := len([]rune(long)); n != 200 || !strings.HasSuffix(long, "…") {
		t.Errorf("a long line has %d characters and ends in %q", n, long[len(long)-4:])
	}
	if exact := strings.Repeat("x", 200); prose.Line(exact) != exact {
		t.Error("a line of 200 characters is cut")
	}
}

func TestPiece(t *testing.T) {
	for markdown, want := range map[string]prose.Piece{
		"# A\n\nb\nc\n":      {Title: "A", Text: "b\nc"},
		"\n#  A \n## B\n\nc": {Title: "A", Text: "## B\n\nc"},
		"## A\n\nb":          {Title: "Given", Text: "## A\n\nb"},
		"#a\n\nb":            {Title: "Given", Text: "#a\n\nb"},
		"# alone":            {Title: "Given", Text: "# alone"},
		"# \n\nb":            {Title: "Given", Text: "# \n\nb"},
	} {
		got := prose.PieceOf(markdown, "Given")
		if got.Title != want.Title || strings.TrimSpace(got.Text) != strings.TrimSpace(want.Text) || got.Validate() != nil {
			t.Errorf("PieceOf(%q) = %+v, %v, want %+v", markdown, got, got.Validate(), want)
		}
	}
	if got := (prose.Piece{Title: " A\nB ", Text: "\nc\n"}).Markdown(); got != "# A B\n\nc" {
		t.Errorf("Markdown() = %q", got)
	}
	if err := (prose.Piece{Title: " ", Text: "\t"}).Validate(); err == nil || err.Error() != "title: is blank\ntext: is blank" {
		t.Errorf("Validate() = %v", err)
	}
}
