package temporal

import (
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"

	"github.com/pawlrun/pawl/schema"
)

// buildOf names all that decides on runs, so that a workflow is only ever repeated by
// workers that decide alike.
func buildOf(s *settings) (string, error) {
	build := s.Build
	if build == "" {
		sum, err := program()
		if err != nil {
			return "", fmt.Errorf("digest of the program: %w", err)
		}
		build = sum
	}
	decides := map[string]any{
		"build": build, "prices": s.Prices, "strict": s.Strict, "on_change": s.OnChange, "timeout": s.Timeout, "blobs": s.blobs != nil,
		"providers": slices.Sorted(maps.Keys(s.Models)), "model": s.Model,
	}
	if len(s.Rates) > 0 { // they say to which queues calls are given
		decides["rates"] = slices.Sorted(maps.Keys(s.Rates))
	}
	raw, err := schema.Marshal(decides)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sha256.Sum256(raw))[:12], nil
}

// program is the digest of the file that this process executes.
var program = sync.OnceValues(func() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
})
