package pawl_test

import (
	"fmt"

	"github.com/pawlrun/pawl"
)

// Errors are told apart by their kind, through any wrapping.
func ExampleErrorKind() {
	err := fmt.Errorf("show: %w", &pawl.Error{Kind: pawl.ErrNotFound, Message: `no run "x"`})
	kind := pawl.AsError(err, pawl.ErrInternal).Kind
	fmt.Println(kind, kind.Exit(), kind.Transient())

	// Output:
	// not_found 2 false
}

// What a kind means to a server, to a shell, to an engine and to a Try form.
func ExampleErrorKind_HTTPStatus() {
	for _, k := range []pawl.ErrorKind{
		pawl.ErrInput, pawl.ErrNotFound, pawl.ErrConflict, pawl.ErrWaiting, pawl.ErrExpired, pawl.ErrCanceled, pawl.ErrRejected,
		pawl.ErrStopped, pawl.ErrGate, pawl.ErrStep, pawl.ErrFlow, pawl.ErrMismatch, pawl.ErrUnknown, pawl.ErrStorage, pawl.ErrDatabase,
		pawl.ErrInterrupt, pawl.ErrInternal, "auth", "quota", "rate_limit", "overloaded", "network", "timeout", "invalid",
		"refused", "filtered", "truncated", "context_length", "too_large",
	} {
		fmt.Printf("%-14s %d  exit %-3d transient %-5t of the question %t\n", k, k.HTTPStatus(), k.Exit(), k.Transient(), k.OfQuestion())
	}

	// Output:
	// input          422  exit 2   transient false of the question true
	// not_found      404  exit 2   transient false of the question true
	// conflict       409  exit 1   transient false of the question true
	// waiting        409  exit 3   transient false of the question false
	// expired        504  exit 1   transient false of the question true
	// canceled       410  exit 4   transient false of the question false
	// rejected       410  exit 4   transient false of the question true
	// stopped        409  exit 1   transient false of the question false
	// gate           502  exit 1   transient false of the question true
	// step           500  exit 1   transient false of the question true
	// flow           500  exit 1   transient false of the question false
	// mismatch       409  exit 1   transient false of the question false
	// unknown        409  exit 3   transient false of the question false
	// storage        503  exit 1   transient false of the question false
	// database       503  exit 2   transient false of the question false
	// interrupt      503  exit 130 transient false of the question false
	// internal       500  exit 1   transient false of the question false
	// auth           502  exit 1   transient false of the question false
	// quota          502  exit 1   transient false of the question false
	// rate_limit     429  exit 1   transient true  of the question false
	// overloaded     502  exit 1   transient true  of the question false
	// network        502  exit 1   transient true  of the question false
	// timeout        504  exit 1   transient true  of the question false
	// invalid        502  exit 1   transient false of the question false
	// refused        502  exit 1   transient false of the question true
	// filtered       502  exit 1   transient false of the question true
	// truncated      502  exit 1   transient false of the question true
	// context_length 502  exit 1   transient false of the question true
	// too_large      502  exit 1   transient false of the question true
}
