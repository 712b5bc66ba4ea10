package cli

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
)

// confirm asks at the terminal whether what cannot be undone is meant: "end run
// 3f2a for good". Where nobody can be asked it is refused.
func (a *app) confirm(what string) error {
	if !a.canConfirm() {
		return badInput("to %s, give --yes: this command asks on a terminal alone", what)
	}
	a.prompt("%s%s? [y/N] ", strings.ToUpper(what[:1]), what[1:])
	line, err := bufio.NewReader(a.stdin).ReadString('\n')
	if err != nil {
		fmt.Fprintln(a.err)
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return &pawl.Error{Kind: pawl.ErrStopped, Message: "nothing was done"}
}

// canConfirm reports whether there is somebody to be asked.
func (a *app) canConfirm() bool {
	return a.interactive && a.stderr.Terminal && !a.noInput && !a.json
}
