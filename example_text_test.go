package pawl_test

import (
	"fmt"

	"github.com/pawlrun/pawl"
)

// A short prompt may stand in the code. It is checked when the program starts, as one
// in a file is.
func ExamplePromptText() {
	type trip struct {
		City string
		Days int
	}
	var planP = pawl.PromptText[trip, string](`
purpose: Planning trip
---
# user
Plan a trip to {{.City}} of {{.Days}} days.
`)
	fmt.Println(planP.Info().Name, "is for", planP.Info().Purpose)

	// Output:
	// planning-trip is for Planning trip
}
