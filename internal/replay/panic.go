package replay

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
)

// Panicked turns what flow code panicked with into its failure. It is for the deferred
// function that recovers it.
func Panicked(p any) error {
	if err, ok := p.(*pawl.Error); ok && err != nil {
		return err
	}
	return &pawl.Error{Kind: pawl.ErrFlow, Message: "panic: " + host.PanicText(p) + host.PanicPlace(), Hint: "mend the flow, then resume"}
}
