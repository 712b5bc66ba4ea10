package journal_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/journaltest"
)

func TestMemory(t *testing.T) {
	journaltest.Run(t, func(*testing.T) journal.Journal { return journal.NewMemory() })
}

// Waiting for a change must be something that a bubble can see through: its
// time moves on only when everyone in it is blocked for good.
func TestMemoryInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := journal.NewMemory()
		began := time.Now()
		c, err := m.Create(t.Context(), journal.NewRun{ID: "r1"}, []journal.Draft{{Type: pawl.EventCreated, At: pawl.At(began), Body: journal.Created{}}})
		if err != nil {
			t.Fatal(err)
		}
		mark, err := m.Changes(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			<-time.After(time.Hour)
			if _, err := m.Claim(t.Context(), c.Run, true); err != nil {
				t.Error(err)
			}
		}()
		if _, err := m.Changes(t.Context(), mark); err != nil {
			t.Fatal(err)
		}
		events, err := m.Read(t.Context(), c.Run, 2, 0)
		if err != nil || len(events) != 1 || events[0].At.Sub(began) != time.Hour {
			t.Errorf("events %+v, %v; want claimed an hour later", events, err)
		}
	})
}
