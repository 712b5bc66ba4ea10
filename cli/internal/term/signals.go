package term

import (
	"os"
	"os/signal"
	"syscall"
)

// Notify delivers the signals that ask for an end, until stop: a person's Ctrl-C, and
// those of a machine, the terminal's hang-up among them unless it is ignored, as under
// nohup. Two of them are kept for a reader that is busy.
func Notify() (signals <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 2)
	asked := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		asked = append(asked, syscall.SIGHUP)
	}
	signal.Notify(c, asked...)
	return c, func() { signal.Stop(c) }
}

// ByPerson reports whether a signal is a person's who wants to stop: Ctrl-C. Any other is
// a machine's, which ends the process and not what it was about.
func ByPerson(sig os.Signal) bool { return sig == os.Interrupt }
