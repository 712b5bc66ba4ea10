package schema_test

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl/schema"
)

// TestManyValues: a document of a few MiB may hold millions of values, which take a hundred
// times as much while they are checked. It is refused.
func TestManyValues(t *testing.T) {
	s, err := schema.For[[5]int]()
	if err != nil {
		t.Fatal(err)
	}
	raw := []byte("[" + strings.Repeat("1,", 600_000) + "1]")
	if _, err := s.Check(raw); err == nil || !strings.Contains(err.Error(), "has more than 500000 values") {
		t.Errorf("Check: %.200v", err)
	}
	var into []int
	if err := schema.Unmarshal(raw, &into); err == nil || !strings.Contains(err.Error(), "has more than 500000 values") {
		t.Errorf("Unmarshal: %.200v", err)
	}
	if err := schema.Unmarshal([]byte("["+strings.Repeat("1,", 100_000)+"1]"), &into); err != nil {
		t.Errorf("100,001 values: %v", err)
	}
}
