package local_test

import (
	"os"
	"testing"
)

// childEnv, if set, makes the test binary the program of child_test.go.
const childEnv = "PAWL_LOCAL_TEST_CHILD"

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		os.Exit(child(text))
	}
	os.Exit(m.Run())
}
