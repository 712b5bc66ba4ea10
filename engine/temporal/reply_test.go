package temporal

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/llm"
)

// down is a store of blobs that fails.
type down struct{}

func (down) Put(context.Context, string, []byte) error   { return errors.New("down") }
func (down) Get(context.Context, string) ([]byte, error) { return nil, errors.New("down") }

// TestStoredKeepsToItsTime: an answer that cannot be kept is told as what it took before
// Temporal takes its call for lost, and has it made again.
func TestStoredKeepsToItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSettings(t.Context(), Options{Blobs: down{}})
		text, began := strings.Repeat("x", inline+1), time.Now()
		raw, err := s.stored(t.Context(), replay.Reply{Text: &text, Usage: &llm.Usage{InputTokens: 7}, CostUSD: new(0.5)})
		if took := time.Since(began); err != nil || took >= margin {
			t.Errorf("%v after %s, Temporal waits %s", err, took, margin)
		}
		var r replay.Reply
		if err := unpack(raw, &r); err != nil || r.Text != nil || r.Error == nil || r.CostUSD == nil || *r.CostUSD != 0.5 || r.Usage.InputTokens != 7 {
			t.Errorf("what was paid is not told: %+v, %v", r, err)
		}
	})
}
