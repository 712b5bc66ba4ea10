package form

import (
	"fmt"

	"github.com/pawlrun/pawl"
)

// refuse says what is wrong with what a person gave.
func refuse(format string, args ...any) error {
	return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf(format, args...)}
}
