package local_test

import (
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// newStore returns a store in memory for the suite.
func newStore(t *testing.T) enginetest.Store {
	j := checktest.Memory(t)
	return func(m llm.Model, flows ...pawl.Flow) pawl.Engine {
		o := &local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: "test/one", Prices: enginetest.Prices, Flows: flows}
		if *evictAlways {
			o.Evict = -1
		}
		return local.New(o)
	}
}

func TestConformance(t *testing.T) {
	enginetest.Run(t, enginetest.Filling{New: newStore, Can: enginetest.Everything})
}
