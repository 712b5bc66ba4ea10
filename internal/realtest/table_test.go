package realtest

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
)

var update = flag.Bool("update", false, "write down what the servers do")

// row is a line of the table: what was asked, what the server does, what Pawl makes of
// it.
type row struct{ wire, asked, server, pawl string }

var table struct {
	sync.Mutex
	rows []row
}

func record(wire, asked, server, pawl string) {
	table.Lock()
	defer table.Unlock()
	table.rows = append(table.rows, row{wire, asked, server, pawl})
}

func printTable(to io.Writer) {
	if len(table.rows) == 0 {
		return
	}
	fmt.Fprintf(to, "\n%s\n\n", os.Getenv("PAWL_REAL_NAME"))
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WIRE\tASKED\tSERVER\tPAWL")
	for _, r := range table.rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.wire, r.asked, r.server, r.pawl)
	}
	w.Flush()
}

// found is what the server did, a line each, as testdata keeps it. What Pawl made of it is
// the tests' matter.
func found() []string {
	var lines []string
	for _, r := range table.rows {
		if r.server != "" {
			lines = append(lines, fmt.Sprintf("| %s | %s | %s |", r.wire, r.asked, r.server))
		}
	}
	return lines
}

// compareWithKnown returns the exit code: 1 if the server does something else than is
// written down.
func compareWithKnown() int {
	path := filepath.Join("testdata", known)
	if *update {
		if err := os.WriteFile(path, []byte(strings.Join(found(), "\n")+"\n"), 0o644); err != nil {
			fmt.Println(err)
			return 1
		}
		return 0
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	want, got := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n"), found()
	code := 0
	for _, line := range got {
		if !slices.Contains(want, line) {
			fmt.Printf("%s: does not have: %s\n", path, line)
			code = 1
		}
	}
	if flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.skip").Value.String() != "" {
		return code // not everything was asked
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			fmt.Printf("%s: the server no longer does: %s\n", path, line)
			code = 1
		}
	}
	return code
}
