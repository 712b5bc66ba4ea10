package pawl_test

import (
	"fmt"
	"testing/fstest"

	"github.com/pawlrun/pawl"
)

// A prompt that does not fit its data is found when the program starts.
func ExampleMustPrompt() {
	defer func() { fmt.Println(recover()) }()
	files := fstest.MapFS{"prompts/plan.md": {Data: []byte(`purpose: Planning trip
---
# user
Plan a trip to {{.City}} of {{.Day}} days.
`)}}
	type trip struct {
		City string
		Days int
	}
	pawl.MustPrompt[trip, string](files, "prompts/plan.md")

	// Output:
	// prompt "prompts/plan.md": line 4: {{.Day}}: pawl_test.trip has no field Day; did you mean Days?
}
