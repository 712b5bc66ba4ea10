package cli

import "github.com/spf13/cobra"

// topics are texts that `help` shows.
func (a *app) topics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "environment", Short: "The environment variables that are read", Long: a.environmentTopic()},
		{Use: "exit-codes", Short: "What the exit codes mean", Long: `Exit codes:

  0    done
  1    failed; a finished step stays finished, and the last line on standard
       error is the command that goes on, if there is one
  2    bad usage or input: the last line names the field or file and what it accepts
  3    waits for a person: what is asked and what is proposed come before, and the
       last line is the command that decides it; a run on a terminal asks there
  4    canceled or rejected
  130  interrupted; the run is safe, the last line is the command that goes on
  143  terminated; the same

With --json the last line is {"error":{"kind","message","hint","run"}} instead,
with that command as hint.`},
		{Use: "formatting", Short: "Which stream holds what, and how it looks", Long: formattingTopic},
		{Use: "models", Short: "Which models there are, and what they cost", Long: a.modelsTopic()},
	}
}

const formattingTopic = `Standard output carries the result and nothing else; progress, warnings, errors
and suggestions go to standard error.

--json   prints one JSON document on standard output (watch and logs: one object
         a line). Of a failure the last line on standard error is
         {"error":{"kind","message","hint","run"}}. It never has colour.
--quiet  prints the bare result or ids, and nothing on the way there.
--color  auto, always or never. With auto a stream has colour if it is a terminal;
         NO_COLOR forbids it, CLICOLOR_FORCE demands it where NO_COLOR does not
         forbid it, TERM=dumb is a terminal without. No state is told by colour
         alone.

On a terminal, run, resume and watch show the steps as a tree that is drawn anew
as they change: folded to what is active or failed where there is little room.
Lines that stay stand above it. Elsewhere, or with TERM=dumb, each event is a line.
With --tokens answers are shown while they arrive: below their steps in the tree,
elsewhere as lines "STEP: text". They go when the attempt ends, and are no result.

Tables are cut to the width of the terminal, or of COLUMNS if it is set; elsewhere
they stay whole. Help and describe go on in the next line instead. show --step
and results are never cut; on a terminal lines of a result go on between words.

What comes from models, files and people cannot steer a terminal, nor hide on it:
control characters, direction marks and what is not seen are shown as \u202e or
\u{e0041}. A result in a pipe or with -o has all its bytes as they are; JSON has the
same values, with such characters escaped.

Times in JSON are RFC 3339 in UTC with milliseconds. For people they are local:
[14:03:01], with the date if it is another day's; an age is 5s, 3m, 2h or 4d.`
