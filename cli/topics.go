package cli

import (
	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl/llm/offline"
)

// topics are texts that `help` shows.
func topics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "environment", Short: "The environment variables that are read", Long: `Environment variables:

  PAWL_DATA             the data directory; --data stands above it
  PAWL_PRICES           a file of prices of models, in place of prices.json in the
                        data directory; ` + "`help models`" + ` says how it is written
  XDG_DATA_HOME         the directory in which pawl/ is made if neither is given
  OPENAI_API_KEY        the key of provider openai; if it is set, openai is the default
  OPENAI_BASE_URL       the address of a server that speaks the Responses API,
                        usually ending in /v1
  OPENAI_ORG_ID         the organization that pays
  OPENAI_PROJECT_ID     the project that pays
  OPENAI_CHAT_BASE_URL  the address of a server that speaks Chat Completions
                        (provider openai-chat), as in http://localhost:11434/v1
  OPENAI_CHAT_API_KEY   its key, if it wants one
  COLUMNS               the width of tables
  VISUAL, EDITOR        the editor of approve, answer and supply --edit
  TERM                  dumb: a terminal without colour and without a live tree
  NO_COLOR              if not empty: no colour; --color stands above it
  CLICOLOR_FORCE        if not empty and not 0: colour, also where no terminal is
  USER                  who is named in a run's history`},
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
		{Use: "models", Short: "Which models there are, and what offline can be told", Long: modelsTopic},
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

Tables are cut to the width of the terminal, or of COLUMNS if it is set; elsewhere
they stay whole. Help and describe go on in the next line instead. show --step
and results are never cut.

Times in JSON are RFC 3339 in UTC with milliseconds. For people they are local:
[14:03:01], with the date if it is another day's; an age is 5s, 3m, 2h or 4d.`

const modelsTopic = `A model is PROVIDER/NAME. run --model asks it in every step, above what prompts
say; resume goes on with it unless it gets a --model of its own.

  openai/NAME       any model of OpenAI, or of a server at OPENAI_BASE_URL that
                    speaks its Responses API; needs OPENAI_API_KEY
  openai-chat/NAME  a model of a server that speaks Chat Completions (Ollama, vLLM,
                    llama.cpp, LM Studio) at OPENAI_CHAT_BASE_URL
  offline           a stand-in; needs no key, account or network

The default is ` + defaultOpenAI + ` if OPENAI_API_KEY is set, and otherwise
offline. ` + "`help environment`" + ` lists all variables.

What calls cost follows from the tokens that the provider reports and from a list
of prices, and is kept with each call. Of a model without a price the cost is
unknown, which is not $0. Prices of your own go into prices.json in the data
directory, or into the file that PAWL_PRICES names, in dollars for a million
tokens. They stand above those that are built in, one by one:

  {
    "openai/gpt-5.4-mini": {"input": 0.75, "cached_input": 0.075, "output": 4.5},
    "openai-chat/*":       {"input": 0, "output": 0}
  }

A name with a date at its end costs what the name without it does, unless it has
an entry of its own; * stands for all models of a provider that have none.
Without "cached_input" that costs what input costs. "max_input_tokens" says up to
which length of a request the price holds, "source" where you found it.

` + offline.Notice + `
It misbehaves on request. N counts the attempts of each step from its first one,
also over a resume:

  fail=N         N attempts fail as overloaded
  truncate=N     N attempts are cut short
  malformed=N    N attempts answer with broken JSON, or with no text at all
  reject=1       booleans are false, scores are low, lists of problems are filled
  refuse=1       every attempt is refused
  latency=300ms  every attempt takes that long

They combine, and the counted ones come one after the other in this order. Here
each step is overloaded twice, then answers badly once, then well:

  --model 'offline?fail=2&malformed=1&latency=1s'`
