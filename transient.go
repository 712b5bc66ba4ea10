package pawl

import "time"

// Transient says of an error that the code of a Do returns that it will pass: the code
// is run again after a while, as often as its Tries say. If that does not help the step
// stands still, in a Try form too. It returns nil for nil.
func Transient(err error) error { return RetryAfter(err, 0) }

// RetryAfter is Transient where the service that was asked has said when to come back:
// the code is not run again before d has passed. A d of 0 or less says nothing, and the
// wait is then a second, twice as long after each further failure, and a minute at most.
func RetryAfter(err error, d time.Duration) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: ErrTransient, Message: err.Error(), Err: err, RetryAfter: max(d, 0)}
}
