package cli

import (
	"runtime"
	"runtime/debug"
)

// collectLater puts the first garbage collection off until the heap has 32 MiB
// instead of 4. Most commands end before that, and a long history is read without
// a collection each time that the heap has doubled. From the first one on all is
// as usual: a process that lives long is no larger for it.
func collectLater() {
	usual := debug.SetGCPercent(800)
	type unreachable struct{ _ *int }
	runtime.AddCleanup(new(unreachable), func(percent int) { debug.SetGCPercent(percent) }, usual)
}
