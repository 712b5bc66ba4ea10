package temporal_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/blog"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

// counting passes requests on and keeps their keys.
type counting struct {
	mu    sync.Mutex
	model llm.Model
	calls []string
}

func (m *counting) Generate(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
	m.mu.Lock()
	m.calls = append(m.calls, req.Meta.Key)
	m.mu.Unlock()
	return m.model.Generate(ctx, req, stream)
}

// TestBuiltInFlows: the flows that come with the command run unchanged, with
// its stand-in for a model, well-behaved and not.
func TestBuiltInFlows(t *testing.T) {
	for _, f := range []pawl.Flow{article.Flow, blog.Flow} {
		for _, model := range []string{"offline", "offline?reject=1", "offline?malformed=1", "offline?fail=2"} {
			t.Run(f.Name()+" "+model, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					input := string(f.Describe().Example)
					var stories []story
					for _, on := range []func(*testing.T, pawl.Flow, llm.Model, string, string, bool) story{onLocal, onTemporal} {
						m := &counting{model: offline.Model{}}
						s := on(t, f, m, model, input, false)
						slices.Sort(m.calls)
						s.Calls = m.calls
						slices.Sort(s.Events) // branches answer in the same instant
						stories = append(stories, s)
					}
					if stories[0].Record.Status != pawl.StatusDone {
						t.Errorf("run is %s: %+v", stories[0].Record.Status, stories[0].Record.Error)
					}
					compare(t, stories[0], stories[1])
				})
			})
		}
	}
}
