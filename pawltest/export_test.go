package pawltest

import (
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/recorded"
	"github.com/pawlrun/pawl/internal/runfile"
)

// Impatient lets runs of a test sleep no longer than a moment.
func Impatient(t *testing.T) {
	was := patience
	patience = 10 * time.Millisecond
	t.Cleanup(func() { patience = was })
}

// Save exports the run to a file.
func (r *Ran[Out]) Save(f pawl.Flow, file string) {
	r.t.Helper()
	run, err := runfile.Export(r.t.Context(), r.journal, r.ID, runfile.Options{Flow: f})
	if err == nil {
		err = recorded.Replace(file, run)
	}
	if err != nil {
		r.t.Fatalf("export run: %v", err)
	}
}
