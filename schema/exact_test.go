package schema

import (
	"strings"
	"testing"
)

// TestBoundsAreExact: a bound counts with all its digits, from a tag and from a
// document.
func TestBoundsAreExact(t *testing.T) {
	type bounded struct {
		Least int64   `json:"least" pawl:"min=9007199254740993,default=9007199254740993"`
		Most  uint64  `json:"most" pawl:"max=18446744073709551615"`
		Part  float64 `json:"part" pawl:"max=0.1234567890123456789"`
	}
	inferred := mustFor[bounded](t)
	parsed, err := Parse(inferred.JSON())
	if err != nil {
		t.Fatal(err)
	}
	if string(parsed.JSON()) != string(inferred.JSON()) || !strings.Contains(string(parsed.JSON()), `"minimum":9007199254740993`) {
		t.Errorf("the document changed on the way:\n%s\n%s", inferred.JSON(), parsed.JSON())
	}
	for raw, want := range map[string]string{
		`{"least":9007199254740993,"most":18446744073709551615,"part":0.1234567890123456789}`: "",
		`{"least":9007199254740992,"most":0,"part":0}`:                                        "least: is 9007199254740992, wants at least 9007199254740993",
		`{"most":18446744073709551616,"part":0}`:                                              "most: is 18446744073709551616, wants 0 to 18446744073709551615",
		`{"most":0,"part":0.12345678901234568}`:                                               "part: is 0.12345678901234568, wants at most 0.1234567890123456789",
	} {
		for _, s := range []*Schema{inferred, parsed} {
			if _, err := s.Check([]byte(raw)); err == nil && want != "" || err != nil && err.Error() != want {
				t.Errorf("%s: got %v, want %q", raw, err, want)
			}
		}
	}
}
