package cli

import (
	"bytes"
	"errors"
	"io"
	"os/exec"
	"runtime"
	"strings"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl/cli/internal/term"
)

// noPagerFlag is the flag of commands that page.
func noPagerFlag(flags *pflag.FlagSet, to *bool) {
	flags.BoolVar(to, "no-pager", false, "print what is longer than the terminal at once, without $PAGER")
}

// paged has a page written to stdout: on a terminal that has fewer rows, through the
// user's pager.
func (a *app) paged(noPager bool, write func(to io.Writer)) error {
	command := a.pager()
	if noPager || command == "" || !a.stdout.Terminal || a.stdout.Size == nil {
		write(a.out)
		return nil
	}
	var b bytes.Buffer
	write(&b)
	if columns, rows := a.stdout.Size(); rows > 0 && term.Rows(b.String(), columns) >= rows && a.runPager(command, b.Bytes()) {
		return nil
	}
	_, err := a.out.Write(b.Bytes())
	return err
}

// pager is the user's pager as a command line for a shell; empty: there is none.
func (a *app) pager() string {
	command := strings.TrimSpace(a.getenv("PAGER"))
	switch {
	case command == "cat" || a.getenv("TERM") == "dumb":
		return ""
	case command != "":
		return command
	case runtime.GOOS == "windows": // whose more knows no UTF-8
		return ""
	}
	if _, err := exec.LookPath("less"); err != nil {
		return ""
	}
	return "less"
}

// runPager shows a text in a pager and waits for that; signals are the pager's meanwhile.
// It reports whether there was one.
func (a *app) runPager(command string, text []byte) bool {
	_, stop := a.catchSignals()
	defer stop()
	cmd := exec.Command("sh", "-c", command)
	if runtime.GOOS == "windows" {
		words := strings.Fields(command)
		cmd = exec.Command(words[0], words[1:]...)
	}
	cmd.Env = cmd.Environ()
	for name, value := range map[string]string{"LESS": "FRX", "LV": "-c"} { // as git has it
		if a.getenv(name) == "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	cmd.Stdout, cmd.Stderr = a.stdout.Writer, a.stderr.Writer
	in, err := cmd.StdinPipe()
	if err != nil || cmd.Start() != nil {
		return false
	}
	to := term.NewSink(term.Stream{Writer: in, Terminal: true}) // a pager that is left takes no more
	to.Write(text)
	in.Close()
	var exit *exec.ExitError
	err = cmd.Wait()
	return err == nil || errors.As(err, &exit) && exit.ExitCode() != 126 && exit.ExitCode() != 127
}
