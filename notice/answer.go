package notice

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
)

const (
	firstWait = 2 * time.Second // after the first try that fails; it doubles with each
	mostWait  = time.Hour
)

// Answer is what came of telling a notice.
type Answer struct {
	Status     int    // of the answer; 0: none came
	RetryAfter string // the header of that name
	Problem    string // why none came
}

// IsTold reports whether the receiver has taken the notice.
func (a Answer) IsTold() bool { return a.Status/100 == 2 }

// IsFinal reports whether the receiver has said that it never will.
func (a Answer) IsFinal() bool { return a.Status == http.StatusGone }

// Trouble is why it was not told, for people; empty: it was.
func (a Answer) Trouble() string {
	switch {
	case a.IsTold():
		return ""
	case a.Status == 0:
		return a.Problem
	case a.Status/100 == 3:
		return fmt.Sprintf("it answers %s, and redirects are not followed", name(a.Status))
	}
	return "it answers " + name(a.Status)
}

func name(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// After returns the notice as it is when it was told at a time and answered so. jitter is from
// 0 to 1, and moves the next try, so that those of many notices do not all come at once.
func (n Notice) After(a Answer, at time.Time, jitter float64) Notice {
	n.Due = pawl.Time{}
	if a.IsTold() {
		n.Told, n.Problem = pawl.At(at), ""
		return n
	}
	if n.Tries++; n.Tries == 1 {
		n.Since = pawl.At(at)
	}
	n.Problem = a.Trouble()
	if a.IsFinal() {
		n.GaveUp = pawl.At(at)
		return n
	}
	next := at.Add(Wait(n.Tries, jitter))
	if asked := at.Add(a.wait(at)); asked.After(next) {
		next = asked
	}
	if end := n.Rested.Add(Day); next.After(end) {
		next = end // when it is given up
	}
	n.Due = pawl.At(next)
	return n
}

// Expired returns the notice as given up, if it is not owed any more at a time.
func (n Notice) Expired(at time.Time) (given Notice, is bool) {
	if at.Before(n.Rested.Add(Day)) {
		return n, false
	}
	n.Due, n.GaveUp = pawl.Time{}, pawl.At(at)
	if n.Tries == 0 {
		n.Problem = untold
	}
	return n, true
}

// untold is why a notice is given up that nobody has tried to tell.
const untold = "nobody told it for a day"

// GiveUp gives a notice up, as it is shown, that is not owed any more at a time: where nobody
// tells its receiver now, nobody stores that.
func GiveUp(n *pawl.Notice, at time.Time) {
	end := n.At.Add(Day)
	if n.ToldAt != nil || n.GaveUpAt != nil || at.Before(end) {
		return
	}
	n.GaveUpAt = new(pawl.At(end))
	if n.Tries == 0 {
		n.Since, n.Problem = nil, untold
	}
}

// Wait is how long after so many failed tries in a row the next one comes: 2 seconds after the
// first, then twice as long each time, to an hour; half of it at least, as jitter says.
func Wait(tries int, jitter float64) time.Duration {
	whole := float64(firstWait) * math.Pow(2, float64(min(max(tries, 1)-1, 30)))
	return time.Duration(min(whole, float64(mostWait)) * (1 + jitter) / 2)
}

// wait is how long the receiver asks not to be told anything, an hour at most; 0: it does not
// ask.
func (a Answer) wait(at time.Time) time.Duration {
	if a.Status != http.StatusTooManyRequests && a.Status != http.StatusServiceUnavailable {
		return 0
	}
	if seconds, err := strconv.ParseUint(a.RetryAfter, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, mostWait)
	}
	if until, err := http.ParseTime(a.RetryAfter); err == nil {
		return min(max(until.Sub(at), 0), mostWait)
	}
	return 0
}

// Pause is how long nothing is to be told to a receiver that has failed so many tries in a
// row, the last one so. It is a minute at most, or what the receiver asks for.
func (a Answer) Pause(failed int, at time.Time, jitter float64) time.Duration {
	return max(min(Wait(failed, jitter), time.Minute), a.wait(at))
}
