package schema_test

import (
	"fmt"

	"github.com/pawlrun/pawl/schema"
)

func ExampleSchema_Check() {
	type Plan struct {
		Topic  string `json:"topic" jsonschema:"what it is about" pawl:"len=1..200"`
		Length int    `json:"length" pawl:"min=100,max=20000,default=1000"`
		Tone   string `json:"tone" pawl:"enum=plain|formal"`
	}
	plan, err := schema.For[Plan]()
	if err != nil {
		fmt.Println(err)
		return
	}
	value, _ := plan.Check([]byte(`{"topic":"tides","tone":"plain"}`))
	fmt.Println(string(value))
	_, err = plan.Check([]byte(`{"topic":"","tone":"sad","lenght":7}`))
	fmt.Println(err)
	// Output:
	// {"topic":"tides","tone":"plain","length":1000}
	// topic: has 0 characters, wants 1 to 200; tone: is "sad", wants one of plain, formal; lenght: is not known; did you mean "length"?
}
