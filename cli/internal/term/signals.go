package term

import (
	"os"
	"os/signal"
	"syscall"
)

// Notify delivers the signals that ask for an end, until stop. Two of them are
// kept for a reader that is busy.
func Notify() (signals <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 2)
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	return c, func() { signal.Stop(c) }
}
