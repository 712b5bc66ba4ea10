package host

import (
	"errors"
	"fmt"
	"reflect"
)

// Sound makes sure that what code of an author returned as an error can be asked what
// engines ask errors. It returns err itself, and true, if that answers; and otherwise an
// error that says what is wrong with it, and false. A nil pointer that became an error by
// its type, and a method that panics, would end the process of whoever asks them.
//
// Engines ask nothing of an error before this, be it of a flow, a branch, a step's code,
// a gate or a model. Nil is sound.
func Sound(err error) (sound error, ok bool) {
	if err == nil {
		return nil, true
	}
	defer func() {
		if p := recover(); p != nil {
			sound, ok = fmt.Errorf("an error of type %T, of which a method panics: %s", err, textOf(p)), false
		}
	}()
	for _, e := range chainOf(err) {
		if isNilPointer(e) {
			return fmt.Errorf("a %T that is nil, which is an error by its type; return nil itself where nothing is wrong", e), false
		}
		if late, has := e.(interface{ Timeout() bool }); has {
			late.Timeout()
		}
	}
	_ = err.Error()
	var no noError
	_, _ = errors.Is(err, no), errors.As(err, &no)
	return err, true
}

// noError is an error that is in no other.
type noError struct{}

func (noError) Error() string { return "" }

// maxChain is how many errors one error may hold.
const maxChain = 10_000

// chainOf returns err and all errors in it. One without end panics.
func chainOf(err error) []error {
	all := []error{err}
	for i := 0; i < len(all); i++ {
		if len(all) > maxChain {
			panic("it holds errors without end")
		}
		var inner []error
		if isNilPointer(all[i]) {
			continue
		}
		switch e := all[i].(type) {
		case interface{ Unwrap() error }:
			inner = []error{e.Unwrap()}
		case interface{ Unwrap() []error }:
			inner = e.Unwrap()
		}
		for _, e := range inner {
			if e != nil {
				all = append(all, e)
			}
		}
	}
	return all
}

func isNilPointer(err error) bool {
	v := reflect.ValueOf(err)
	return v.Kind() == reflect.Pointer && v.IsNil()
}
