package cli

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl/cli/internal/term"
)

// folded prints help, which lists all commands beneath one, in lines that the terminal has
// room for.
func (a *app) folded(help func(*cobra.Command, []string)) func(*cobra.Command, []string) {
	return func(c *cobra.Command, args []string) {
		if c.HasSubCommands() {
			a.printing.Lock()
			a.makeFor(strings.Fields(c.CommandPath()))
			a.printing.Unlock()
		}
		var b bytes.Buffer
		c.Root().SetOut(&b)
		help(c, args)
		c.Root().SetOut(a.out)
		for line := range strings.Lines(b.String()) {
			fmt.Fprintln(a.out, foldHelp(strings.TrimRight(line, "\n"), a.width()))
		}
	}
}

// foldHelp breaks a line of help: what stands beside a name goes on below
// itself. A line of a single column that is indented stays whole: it is a command
// to be copied.
func foldHelp(line string, width int) string {
	text := strings.TrimLeft(line, " ")
	indent := len(line) - len(text)
	at := strings.LastIndex(text, "  ")
	switch {
	case at >= 0:
		before := line[:indent+at+2]
		beside := term.Hang(text[at+2:], term.Cells(before), width)
		if strings.HasPrefix(beside, "\n") {
			before = strings.TrimRight(before, " ")
		}
		return before + beside
	case indent == 0:
		return term.Hang(line, 0, width)
	}
	return line
}
