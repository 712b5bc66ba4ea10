package term

import (
	"strings"
	"testing"
)

func TestTableLines(t *testing.T) {
	rows := [][]string{{"RUN", "FLOW", "WHY"}, {"1", "日本", "no reason at all"}, {"22", "\x1b[1mb\x1b[m", ""}}
	for width, want := range map[int]string{
		0:  "RUN  FLOW  WHY\n1    日本  no reason at all\n22   \x1b[1mb\x1b[m",
		16: "RUN  FLOW  WHY\n1    日本  no r…\n22   \x1b[1mb\x1b[m",
	} {
		if got := strings.Join(Table(rows, width), "\n"); got != want {
			t.Errorf("%d columns:\n%q\nwant\n%q", width, got, want)
		}
	}
}
