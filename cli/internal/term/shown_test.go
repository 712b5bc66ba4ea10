package term

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
	"unicode"
)

// What steers a terminal, turns text or hides it is written out; what scripts need to be
// written in stays.
func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nb\n\tc":               "a\nb\n\tc",
		"a\rb":                      `a\u000db`,
		"\x1b]52;c;aGk=\x07":        `\u001b]52;c;aGk=\u0007`,
		"\u009b2J\x7f\x00":          `\u009b2J\u007f\u0000`,
		"abc\u202edef\u2066g\u200f": `abc\u202edef\u2066g\u200f`,
		"\ufeffa\u200bb\u00adc":     `\ufeffa\u200bb\u00adc`,
		"a\U000e0041\U000e007f":     `a\u{e0041}\u{e007f}`,
		"a\ufe0f\ufe0e\U000e0101":   "a\ufe0f" + `\ufe0e\u{e0101}`,
		"a\u3164\u115f":             `a\u3164\u115f`,
		"می\u200cخواهم":             "می\u200cخواهم",
		"👨\u200d👩 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3": "👨\u200d👩 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3",
		"a \u200d\u200db":  `a \u200d\u200db`,
		"日本語 größe\u00a0×": "日本語 größe\u00a0×",
		"\u0600١٢":         "\u0600١٢", // a mark that is seen
	} {
		got := Clean(in)
		if got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
		if again := Clean(got); again != got {
			t.Errorf("%q cleaned again is %q", got, again)
		}
	}
}

// Escaped JSON has the same values, and nothing in it that would not be seen.
func TestEscapeJSON(t *testing.T) {
	for _, text := range []string{"\u009b\x7f\x1b", "\u202e\U000e0041\U0001f468\u200d", "größe \"\\"} {
		raw, err := json.Marshal(map[string]string{text: text})
		if err != nil {
			t.Fatal(err)
		}
		escaped := EscapeJSON(string(raw))
		var back map[string]string
		if err := json.Unmarshal([]byte(escaped), &back); err != nil || back[text] != text {
			t.Errorf("%q becomes %s, which is %q: %v", text, escaped, back, err)
		}
		if Clean(escaped) != escaped {
			t.Errorf("%s is not clean", escaped)
		}
	}
}

// Whatever is written to a terminal, only our styles get there; a pipe gets the bytes.
func TestSinkGuardsTerminal(t *testing.T) {
	const text = "\x1b[1m\x1b[31mbad\x1b[m \x1b[8mhidden \x1b]0;title\x07\u009b2J\u202e\x9b.\r\n"
	const want = "\x1b[1m\x1b[31mbad\x1b[m \\u001b[8mhidden \\u001b]0;title\\u0007\\u009b2J\\u202e\ufffd.\n"
	var terminal, pipe strings.Builder
	NewSink(Stream{Writer: &terminal, Terminal: true}).Write([]byte(text))
	NewSink(Stream{Writer: &pipe}).Write([]byte(text))
	if terminal.String() != want {
		t.Errorf("the terminal gets\n%q, want\n%q", terminal.String(), want)
	}
	if pipe.String() != text {
		t.Errorf("the pipe gets %q", pipe.String())
	}
}

// A character that is written in pieces is one.
func TestSinkJoinsPieces(t *testing.T) {
	const text = "größe 👨 \u009b2J\x1b[8m"
	var terminal strings.Builder
	to := NewSink(Stream{Writer: &terminal, Terminal: true})
	for i := range len(text) {
		if n, err := to.Write([]byte{text[i]}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	if want := Clean(text); terminal.String() != want {
		t.Errorf("the terminal gets %q, want %q", terminal.String(), want)
	}
}

// A shell reads a printed word as what was quoted, and a terminal can show it.
func TestQuoteInShell(t *testing.T) {
	words := []string{
		"plain-1.md", "", " ", "it's", "a b", "$(id)`id`;&|<>*?[a]~#!\\", "=ls", "-x", "--", "größe 日本", "a%b", "~",
		"a\nb", "end\n\n", "\n", "tab\t", "\x1b[31m", "del\x7f", "\u009b", "\u202eevil\u2066", "\U000e0041", "\xff\xfe", "!! \x07'\"\\n",
		"\u3164", "{a,b}", "a'\x01'b",
	}
	var line strings.Builder
	line.WriteString("printf '%s\\000'")
	for _, w := range words {
		q := Quote(w)
		line.WriteString(" " + q)
		if strings.IndexFunc(q, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) >= 0 || guarded(q) != q {
			t.Errorf("%q is quoted as %q, which cannot be shown", w, q)
		}
	}
	for _, shell := range []string{"sh", "bash"} {
		path, err := exec.LookPath(shell)
		if err != nil {
			t.Logf("there is no %s", shell)
			continue
		}
		out, err := exec.Command(path, "-c", line.String()).Output()
		if err != nil {
			t.Fatalf("%s: %v", shell, err)
		}
		if got, want := string(out), strings.Join(words, "\x00")+"\x00"; got != want {
			t.Errorf("%s reads %q, want %q", shell, got, want)
		}
	}
}

func TestFold(t *testing.T) {
	for _, tt := range []struct {
		text  string
		width int
		want  string
	}{
		{"one two three four five six\n", 0, "one two three four five six\n"},
		{"one two three four five six\n\nnext", 24, "one two three four five\nsix\n\nnext"},
		{"- one two three four five six\n  1. one two three four five six\n", 26, "- one two three four five\n  six\n  1. one two three four\n     five six\n"},
		{"```\none two three four five six\n```\none two three four five six\n", 24, "```\none two three four five six\n```\none two three four five\nsix\n"},
		{"| one | two | three | four | five |\n", 24, "| one | two | three | four | five |\n"},
		{"    one two three four five six", 30, "    one two three four five\n    six"},
	} {
		if got := Fold(tt.text, tt.width); got != tt.want {
			t.Errorf("%q in %d columns is\n%q, want\n%q", tt.text, tt.width, got, tt.want)
		}
	}
}
