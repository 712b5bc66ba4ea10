package pawl_test

import (
	"fmt"

	"github.com/pawlrun/pawl"
)

// Errors are told apart by their kind, through any wrapping.
func ExampleErrorKind() {
	err := fmt.Errorf("show: %w", &pawl.Error{Kind: pawl.ErrNotFound, Message: `no run "x"`})
	kind := pawl.AsError(err, pawl.ErrInternal).Kind
	fmt.Println(kind, kind.Exit(), kind.Transient())

	// Output:
	// not_found 2 false
}
