package temporal

import (
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/schema"
)

// buildOf names all that decides on runs, so that a workflow is only ever repeated by
// workers that decide alike. The model of runs that name none is no part of it: that is recorded
// with each run.
func buildOf(s *settings) (string, error) {
	build, err := s.named()
	if err != nil {
		return "", err
	}
	decides := map[string]any{
		"build": build, "prices": s.Prices, "strict": s.Strict, "on_change": s.OnChange, "timeout": s.Timeout, "blobs": s.blobs != nil, "encrypted": len(s.Keys) > 0,
		"providers": slices.Sorted(maps.Keys(s.Models)),
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

// named returns what tells the program from other builds of it, and labels it for people.
func (s *settings) named() (build string, err error) {
	if s.label = s.Build; s.Build != "" {
		return s.Build, nil
	}
	info, _ := debug.ReadBuildInfo()
	if build = source(info); build != "" {
		s.label = local.MainVersion()
		return build, nil
	}
	if build, err = program(); err != nil {
		return "", fmt.Errorf("digest of the program: %w", err)
	}
	s.label = "of the file with the digest " + build[:12]
	return build, nil
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
