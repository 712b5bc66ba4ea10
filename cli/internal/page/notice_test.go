package page

import (
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
)

func TestNotice(t *testing.T) {
	rested := time.Date(2026, 3, 1, 12, 0, 3, 0, time.UTC)
	at := pawl.At(rested.Add(time.Second))
	for want, n := range map[string]pawl.Notice{
		"done of 2026-03-01 12:00:03 at 2026-03-01 12:00:04 to https://h/***":                                                {Status: pawl.StatusDone, ToldAt: &at},
		"failed of 2026-03-01 12:00:03 not yet to https://h/***":                                                             {Status: pawl.StatusFailed},
		"waiting of 2026-03-01 12:00:03 not yet to https://h/***: tried in vain since 2026-03-01 12:00:04 (refused \x1b[2J)": {Status: pawl.StatusWaiting, Since: &at, Tries: 3, Problem: "refused \x1b[2J"},
		"canceled of 2026-03-01 12:00:03 not to https://h/***: given up at 2026-03-01 12:00:04 (it answers 410 Gone)":        {Status: pawl.StatusCanceled, Since: &at, GaveUpAt: &at, Problem: "it answers 410 Gone"},
	} {
		n.At, n.To = pawl.At(rested), "https://h/***"
		if got := Notice(time.UTC, n); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		var b strings.Builder
		p := Page{Out: &b, Width: 40, Zone: time.UTC}
		p.Fact("told", Notice(time.UTC, n))
		for line := range strings.Lines(b.String()) {
			if len(line) > 41 || strings.ContainsRune(line, '\x1b') {
				t.Errorf("printed is %q", line)
			}
		}
	}
}
