package pawl_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

type Trip struct {
	Cities []string `json:"cities" jsonschema:"where to go" pawl:"items=1..10"`
}

type Sight struct {
	Name string `json:"name" jsonschema:"what to see, in 2 to 5 words"`
}

// A flow asks a model for each city, side by side, and has code count the sights.
// The offline model stands in for a real one.
func Example() {
	flow := pawl.New("trip", "Plan what to see.", func(r *pawl.Run, in Trip) (string, error) {
		sights := pawl.Map(r, "cities", in.Cities, func(r *pawl.Run, city string) (Sight, error) {
			q := pawl.Messages[Sight]("Choosing a sight", llm.User("Name one sight of this city.\n\nCity: "+city))
			return pawl.Ask(r, "sight", q.Gate("has a name", func(s Sight) error {
				if strings.TrimSpace(s.Name) == "" {
					return fmt.Errorf("the name is blank")
				}
				return nil
			})), nil
		})
		count := pawl.Do(r, "count", sights, func(_ context.Context, all []Sight) (int, error) { return len(all), nil })
		return fmt.Sprintf("%d sights", count), nil
	})

	ctx := context.Background()
	engine := local.New(&local.Options{
		Journal: journal.NewMemory(), Models: llm.Catalog{"offline": offline.Model{}}, Model: "offline"})
	defer engine.Close(ctx)

	handle, err := pawl.Start(ctx, engine, flow, Trip{Cities: []string{"Vienna", "Lisbon"}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := handle.Result(ctx)
	fmt.Println(out, err)
	run, _ := engine.Get(ctx, handle.ID())
	for _, s := range run.Steps {
		fmt.Println(s.Key, s.Kind, s.Status)
	}

	// Output:
	// 2 sights <nil>
	// cities map done
	// cities[0]/sight ask done
	// cities[1]/sight ask done
	// count do done
}
