package replay

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pawlrun/pawl"
)

// Panicked turns what flow code panicked with into its failure.
func Panicked(p any) error {
	if err, ok := p.(*pawl.Error); ok {
		return err
	}
	return &pawl.Error{Kind: pawl.ErrFlow, Message: fmt.Sprintf("panic: %v%s", p, PanicPlace()), Hint: "mend the flow, then resume"}
}

// PanicPlace says where the panic that is being recovered came from, in
// brackets: "file.go:12".
func PanicPlace() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	for inPanic, more := false, true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			inPanic = true
		case inPanic && !strings.HasPrefix(f.Function, "runtime."):
			return fmt.Sprintf(" (%s:%d)", filepath.Base(f.File), f.Line)
		}
	}
	return ""
}
