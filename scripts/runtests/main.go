// Command runtests runs go test with what it is given, and shows what go test shows without
// -v: a line for each package, and of the tests that fail what they say. At the end it lists
// the tests that were skipped, with the reason, which go test tells nobody otherwise.
//
//	go run ./scripts/runtests -timeout 60m ./...
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

func main() {
	cmd := exec.Command("go", append([]string{"test", "-json"}, os.Args[1:]...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err == nil {
		err = errors.Join(show(out, os.Stdout), cmd.Wait())
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		os.Exit(1)
	} else if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// event is a line of go test -json: `go doc test2json`.
type event struct{ Action, Package, Test, Output string }

// show copies what matters of go test -json, and what was skipped at the end.
func show(in io.Reader, out io.Writer) error {
	said := map[string]map[string][]string{} // by package and test, of those that have not ended
	skipped := map[string][]string{}         // tests, by package and reason
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			listSkipped(out, skipped)
			return nil
		} else if err != nil {
			return err
		}
		var ev event
		if json.Unmarshal(line, &ev) != nil { // go test's own words
			out.Write(line)
			continue
		}
		switch {
		case ev.Action == "build-output", ev.Action == "output" && ev.Test == "" && ev.Output != "PASS\n":
			io.WriteString(out, ev.Output)
		case ev.Action == "output" && ev.Test != "":
			if said[ev.Package] == nil {
				said[ev.Package] = map[string][]string{}
			}
			said[ev.Package][ev.Test] = append(said[ev.Package][ev.Test], ev.Output)
		case ev.Test != "" && (ev.Action == "fail" || ev.Action == "pass" || ev.Action == "skip"):
			words := wordsOf(said[ev.Package][ev.Test])
			delete(said[ev.Package], ev.Test)
			switch ev.Action {
			case "fail":
				fmt.Fprintf(out, "--- FAIL: %s\n%s", ev.Test, words)
			case "skip":
				why := ev.Package + ": " + place.ReplaceAllString(strings.TrimSpace(words), "")
				skipped[why] = append(skipped[why], ev.Test)
			}
		case ev.Action == "fail": // a process that ended, or was ended, in the middle of tests
			for test, words := range said[ev.Package] {
				fmt.Fprintf(out, "--- not ended: %s\n%s", test, wordsOf(words))
			}
		}
	}
}

// place is where a test says something.
var place = regexp.MustCompile(`^\w+\.go:\d+: `)

func listSkipped(out io.Writer, skipped map[string][]string) {
	if len(skipped) == 0 {
		return
	}
	fmt.Fprintln(out, "skipped:")
	for _, why := range slices.Sorted(maps.Keys(skipped)) {
		fmt.Fprintf(out, "  %s (%s)\n", why, strings.Join(skipped[why], ", "))
	}
}

// wordsOf joins what a test said itself.
func wordsOf(lines []string) string {
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool {
		l = strings.TrimSpace(l)
		return strings.HasPrefix(l, "=== ") || strings.HasPrefix(l, "--- ")
	}), "")
}
