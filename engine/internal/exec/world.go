package exec

import (
	"context"
	crand "crypto/rand"
	"math/rand/v2"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// World is where runs are executed: by whose clock they go, what chance gives them, and who
// makes their attempts. All that a run does follows from its history, its flow's code, its
// mail and what its World says. Its methods are called on the run's own goroutine, Now on
// others too.
type World interface {
	Now() time.Time
	AfterFunc(d time.Duration, f func()) interface{ Stop() bool } // has f, which returns at once, be called when d has passed
	Chance() float64                                              // at least 0 and below 1
	Text() string                                                 // that nobody can guess
	Go(f func())                                                  // has f wait for something, beside the run
	Make(a Attempt)                                               // has an attempt be made, beside the run
}

// timer is what AfterFunc has started.
type timer = interface{ Stop() bool }

// Waiter is a World in which a run must not block its goroutine to wait for mail.
type Waiter interface {
	Await(mail func() bool) // returns when there is mail
}

// Attempt is a call of a model, or of a step's code, whose intent is durable.
type Attempt interface {
	Key() pawl.Key
	Number() int          // 1, 2, 3 ... over all rounds of the step
	Purpose() string      // of the step, a line
	Question() *Question  // that is to be asked; nil: it is the code of a step
	Limit() time.Duration // that Reply keeps to; 0: it has none

	// Reply makes the attempt here, until the run gives it up, and returns what it brought
	// back. It may end its goroutine, if the code of the step does. ReplyUntil makes it until
	// ctx ends, too.
	Reply() replay.Reply
	ReplyUntil(ctx context.Context) replay.Reply

	// Done judges what reply returns, and tells the run; if the goroutine ends in it, that
	// is what came of the attempt. Lost tells the run that nobody knows what came of it.
	// One of them is called, once. began is when the attempt did.
	Done(began pawl.Time, reply func() replay.Reply)
	Lost(began pawl.Time)
}

// Machine is the World of runs that are executed by this process, by its clock.
type Machine struct {
	Start func(func()) // starts a goroutine, which may outlive its run
}

var _ World = Machine{}

func (Machine) Now() time.Time                            { return time.Now() }
func (Machine) AfterFunc(d time.Duration, f func()) timer { return time.AfterFunc(d, f) }
func (Machine) Chance() float64                           { return rand.Float64() }
func (Machine) Text() string                              { return crand.Text() }
func (m Machine) Go(f func())                             { m.Start(f) }
func (m Machine) Make(a Attempt)                          { m.Start(func() { a.Done(pawl.At(time.Now()), a.Reply) }) }
