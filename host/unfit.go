package host

import "errors"

// ErrUnfit is beneath the error of a flow that does not take its run's input, which another
// build of it has checked: the run is left to those that do.
var ErrUnfit = errors.New("the flow does not take the input")
