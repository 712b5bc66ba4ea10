package crashtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// childEnv, if set, makes the test binary the program of child_test.go.
const childEnv = "PAWL_CRASHTEST_CHILD"

// binaryEnv tells the tests where the command is that TestMain has built.
const binaryEnv = "PAWL_CRASHTEST_BINARY"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(child(os.Getenv(childEnv)))
	}
	os.Exit(withBinary(m.Run))
}

// withBinary builds the command, calls run and removes the command.
func withBinary(run func() int) int {
	dir, err := os.MkdirTemp("", "pawl-crashtest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "pawl")
	if out, err := exec.Command("go", "build", "-o", binary, "github.com/pawlrun/pawl/cmd/pawl").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the command: %v\n%s", err, out)
		return 1
	}
	os.Setenv(binaryEnv, binary)
	return run()
}

// sampled reports whether moment n, from 1, is to be tried.
func sampled(n int) bool { return !testing.Short() || n%3 == 1 }
