package pawltest

import (
	"testing"
	"time"
)

// Impatient lets runs of a test sleep no longer than a moment.
func Impatient(t *testing.T) {
	was := patience
	patience = 10 * time.Millisecond
	t.Cleanup(func() { patience = was })
}
