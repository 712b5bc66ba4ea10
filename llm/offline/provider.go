package offline

import (
	"os"

	"github.com/pawlrun/pawl/llm"
)

// Provider describes the stand-in. It has no settings, and its models read the files
// of answers that their names say.
func Provider() llm.Provider {
	return llm.Provider{
		Name:    "offline",
		About:   "a stand-in; needs no key, account or network",
		Help:    help,
		Models:  []string{""},
		StandIn: true,
		New:     func(func(string) string) llm.Model { return Model{ReadFile: os.ReadFile} },
	}
}

const help = Notice + `
It misbehaves on request. N counts the attempts of each step from its first one,
also over a resume:

  fail=N         N attempts fail as overloaded
  truncate=N     N attempts are cut short
  malformed=N    N attempts answer with broken JSON, or with no text at all
  reject=1       booleans are false, scores are low, lists of problems are filled
  refuse=1       every attempt is refused
  latency=300ms  every attempt takes that long
  answers=FILE   answers from a file, see below

They combine, and the counted ones come one after the other in this order. With
this model each step is overloaded twice, then answers badly once, then well:

  offline?fail=2&malformed=1&latency=1s

To see what a flow does with certain answers, put them into a file: for each
step, by its key, a list for its attempts in order, behind those that N counts.

  {"outline": ["no JSON", {"title": "Tides", "sections": ["a", "b", "c"]}]}

A string is the answer as it stands, anything else is an answer in JSON. Where
the file says nothing, or no more, the answer is made as ever. The file is read
again for each request, from the folder in which the command runs.`
