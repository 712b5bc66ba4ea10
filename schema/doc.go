// Package schema holds the shape of a value: JSON Schema from Go types, checking
// with words that help, and the strict form that vendors demand.
//
// A [Schema] is a tree of [Node] values. [For] makes it from a Go type and its
// tags, [Parse] from a JSON Schema document. From it come the portable document
// ([Schema.JSON]), the forms that vendors enforce ([Schema.Strict], [Schema.Anthropic], [Schema.Gemini]), the
// check of a value ([Schema.Check], whose [CheckError] lists every [Problem]),
// and the masked view of a value ([Schema.Mask]).
//
//	type Plan struct {
//		Topic  string `json:"topic" jsonschema:"what it is about" pawl:"len=1..200"`
//		Length int    `json:"length" pawl:"min=100,max=20000,default=1000"`
//		Tone   string `json:"tone" pawl:"enum=plain|formal"`
//	}
//
//	plan, err := schema.For[Plan]()
//	value, err := plan.Check([]byte(`{"topic":"tides","tone":"sad"}`))
//	// tone: is "sad", wants one of plain, formal
//
// # Tags
//
// The jsonschema tag is the description. The pawl tag holds, parted by commas,
//
//   - min=, max= are of numbers and not of a list's elements: a list of bounded numbers
//     has a struct with such a field as its element
//   - enum=a|b: the only strings; on a slice of strings, of its elements. A string type
//     can say them itself with a method Enum() []string, for all its fields; a tag may
//     then narrow them
//   - min=0, max=1: bounds of a number, both inclusive, written as in JSON and exact
//   - len=1..200: Unicode code points in a string; 1.., ..200 and 5 work too
//   - items=3..5: elements of a slice, in the same notation
//   - default=1000: what an absent property becomes; JSON, or a string as it is
//   - sensitive: masked in views
//
// A value with a comma goes in single quotes. Anything else is an error when the
// schema is made.
//
// # Rules
//
//   - A property without omitempty, omitzero and default is required.
//   - Defaults fill what is absent; a zero that was given stays.
//   - Only a pointer is nullable. A nil slice is [], a nil map {}: see [Marshal].
//   - Null for a property that may be left out counts as absent.
//   - Objects are closed, except maps, which the strict form refuses.
//   - Integers keep all their digits. 1.0 is an integer and becomes 1.
//
// # What the library does
//
// The tree is made by our own walk over the Go type. The inference of
// github.com/google/jsonschema-go makes every slice nullable, gives times no
// format, lets any and json.RawMessage pass, and its tag has room for no bound;
// correcting its result would mean the same walk once more beside it. Problems
// are collected by our own walk too: the library stops at the first one and
// names places in the schema. The library compiles a document when a value is first
// checked against it, checks its defaults, and has the last word in [Schema.Check]:
// what we let pass must satisfy the published document in the eyes of a standard
// validator.
//
// # Without a schema
//
// [Canonical], [Marshal] and [Unmarshal] are the one encoding that everything
// above uses for digests and journals. Whoever takes JSON apart does it with
// [Members], [Texts] and [MapTexts], which have the reader of [Schema.Check];
// [CheckSyntax] says on which line a text ceases to be JSON, and [Sensitive] what
// the tags of any type mark.
package schema
