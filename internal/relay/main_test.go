package relay

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
)

// childEnv, if set, makes the test binary a process that tells pieces of the run "r" on
// the data directory that it names, until it is killed or its standard input ends. Each
// line there is a piece of the step "s"; "." is the end.
const childEnv = "PAWL_RELAYTEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		child(dir)
		return
	}
	os.Exit(m.Run())
}

func child(dir string) {
	r := New(dir, nil)
	defer r.Close()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		p := pawl.Piece{Run: "r", Key: "s", Attempt: 1, Text: in.Text()}
		if p.Text == "." {
			p.Text, p.End = "", true
		}
		r.Tell(p)
		fmt.Println(strings.TrimSpace("told " + p.Text))
	}
}
