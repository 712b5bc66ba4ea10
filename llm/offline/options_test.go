package offline

import (
	"strings"
	"testing"
	"time"
)

func TestCheckModel(t *testing.T) {
	for _, name := range []string{
		"", "?", "?malformed=1", "?fail=2&reject=1", "?latency=300ms", "?refuse=0&truncate=3",
		"?malformed=1&reject=1&fail=2&latency=300ms&refuse=1&truncate=1",
	} {
		if err := (Model{}).CheckModel(name); err != nil {
			t.Errorf("CheckModel(%q) = %v", name, err)
		}
	}
	for name, want := range map[string]string{
		"foo":                     `no model "foo"`,
		"foo?reject=1":            `no model "foo?reject=1"`,
		"?rejct=1":                `unknown offline option "rejct": there are answers, fail, latency, malformed, refuse, reject and truncate`,
		"?fail=many":              `fail="many": want a number of attempts`,
		"?fail=-1":                `fail="-1"`,
		"?malformed=99999999":     `malformed="99999999"`,
		"?truncate=":              `truncate=""`,
		"?reject=perhaps":         `reject="perhaps": want 1 or 0`,
		"?refuse=2":               `refuse="2"`,
		"?latency=3":              `latency="3": want a duration such as 300ms`,
		"?latency=-1s":            `latency="-1s"`,
		"?fail=1&fail=2":          `"fail" is given 2 times`,
		"?fail=%zz":               "want a form such as",
		"?fail=1;malformed=1":     "want a form such as",
		"?reject=1&Reject=1":      `unknown offline option "Reject"`,
		"?latency=1s&latency=1s ": "2 times",
	} {
		err := (Model{}).CheckModel(name)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("CheckModel(%q) = %v, want %s", name, err, want)
		}
	}
}

func TestFaultsFollowOneAnother(t *testing.T) {
	o, err := parseOptions("?malformed=2&fail=1&truncate=1&latency=2s&reject=true")
	if err != nil {
		t.Fatal(err)
	}
	want := []fault{faultFail, faultFail, faultTruncate, faultMalformed, faultMalformed, faultNone, faultNone}
	for attempt, w := range want { // attempt 0, left unset, is the first
		if got := o.fault(attempt); got != w {
			t.Errorf("fault(%d) = %d, want %d", attempt, got, w)
		}
	}
	if o.latency != 2*time.Second || !o.reject || o.refuse {
		t.Errorf("options = %+v", o)
	}
}
