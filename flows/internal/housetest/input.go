package housetest

import (
	"errors"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
)

// FillsInputs checks what a flow makes of inputs that it accepts.
func FillsInputs(t testing.TB, f pawl.Flow, inputs map[string]string) {
	t.Helper()
	for given, want := range inputs {
		got, err := f.CheckInput([]byte(given))
		if err != nil || string(got) != want {
			t.Errorf("CheckInput(%s) = %s, %v, want %s", given, got, err, want)
		}
	}
}

// RefusesInputs checks that a flow refuses inputs, each with a complaint that holds
// a text.
func RefusesInputs(t testing.TB, f pawl.Flow, inputs map[string]string) {
	t.Helper()
	for given, want := range inputs {
		_, err := f.CheckInput([]byte(given))
		if !errors.Is(err, pawl.ErrInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("CheckInput(%s): %v, want an input error with %q", given, err, want)
		}
	}
}
