package cli

import "testing"

func TestFoldHelp(t *testing.T) {
	for _, test := range []struct {
		name, line string
		width      int
		want       string
	}{
		{"fits", "      --json   print one", 24, "      --json   print one"},
		{"no width", "      --json   print one JSON document, and errors", 0, "      --json   print one JSON document, and errors"},
		{"beside the name", "      --json   print one JSON document, and errors", 40, "      --json   print one JSON document,\n               and errors"},
		{"no room beside it", "      --json   print one JSON document, and errors", 32, "      --json\n      print one JSON document,\n      and errors"},
		{"sentence", "Run a flow: its result goes to standard output.", 30, "Run a flow: its result goes to\nstandard output."},
		{"command", "  pawl run article --example --model offline", 20, "  pawl run article --example --model offline"},
		{"empty", "", 20, ""},
	} {
		if got := foldHelp(test.line, test.width); got != test.want {
			t.Errorf("%s: foldHelp(%q, %d) (-want +got):\n-%q\n+%q", test.name, test.line, test.width, test.want, got)
		}
	}
}
