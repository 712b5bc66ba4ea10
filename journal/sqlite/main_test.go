package sqlite_test

import (
	"os"
	"testing"
)

// childEnv, if set, makes the test binary one of the children below instead of
// running tests.
const childEnv = "PAWL_JOURNAL_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "":
		os.Exit(m.Run())
	case "append":
		os.Exit(appendUntilKilled(os.Args[1]))
	case "beside":
		os.Exit(appendBesideReaders(os.Args[1]))
	case "suspended":
		os.Exit(suspendItself(os.Args[1]))
	case "ready":
		os.Exit(sayReady(os.Args[1]))
	case "powercut":
		os.Exit(workOnDisk(os.Args[1]))
	case "disk":
		os.Exit(appendUntilDiskFails(os.Args[1]))
	}
	os.Exit(2)
}
