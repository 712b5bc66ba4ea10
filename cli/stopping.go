package cli

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// stopping is work in the background that signals may end.
type stopping struct {
	done    <-chan struct{}  // closed when all of it has ended
	signals <-chan os.Signal // that ask for an end
	ask     func()           // asks the work to begin nothing more and to end
	cut     func()           // has it give up the calls in flight
	idle    func() bool      // whether nothing is under way; nil: something always is
}

// wait waits for the end of the work and returns the signal that asked for it,
// if one did. The first signal asks; what is in flight then has some time. The
// second one is errLeave, and the work goes on.
func (a *app) wait(s stopping) (os.Signal, error) {
	var asked request
	for {
		select {
		case <-s.done:
			return asked.sig, nil
		case <-asked.late:
			s.cut()
		case sig := <-s.signals:
			switch asked.heard(sig, a.now()) {
			case asksFirst:
				if !a.quiet && (s.idle == nil || !s.idle()) {
					a.stamped("%s: ending; calls in flight have %s to end, the same again leaves at once", sig, patience)
				}
				s.ask()
			case insists:
				return sig, errLeave
			}
		}
	}
}

// stamped writes a line of its own with the time.
func (a *app) stamped(format string, args ...any) {
	fmt.Fprintln(a.err, stampedLine(a.now().In(a.zone).Format(time.TimeOnly), fmt.Sprintf(format, args...), a.stderr.columns()))
}

// stampedLine is a line with a time, which on a terminal of so many columns goes on
// below itself; 0: it stays one line. The last column stays free.
func stampedLine(stamp, text string, columns int) string {
	stamp = "[" + stamp + "] "
	text = hang(plain(text), len(stamp), max(0, columns-1))
	if strings.HasPrefix(text, "\n") {
		stamp = trimRight(stamp)
	}
	return stamp + text
}
