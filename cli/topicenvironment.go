package cli

import (
	"strings"

	"github.com/pawlrun/pawl/cli/internal/term"
)

// environmentTopic lists what is read from the environment.
func (a *app) environmentTopic() string {
	return "Environment variables:\n\n" + helpRows(a.environmentRows())
}

// environmentRows are the variables that are read: by the command, and by the providers.
func (a *app) environmentRows() []helpRow {
	rows := []helpRow{
		{"PAWL_DATA", "the data directory; --data stands above it"},
		{"PAWL_PRICES", "a file of prices of models, in place of prices.json in the data directory; `help models` says how it is written"},
		{modelVariable, "the model of runs that name none, as in openai/gpt-5.4; --model stands above it"},
		{maxCallsVariable, "MODEL=N with commas between: at most N calls of that model in flight in a process, or with PROVIDER/* of all its models together; --max-calls stands above it"},
		{timeoutVariable, "the time of an attempt at a model, as in 10m, above what prompts say; --timeout stands above it"},
		{notifyVariable, "the URL that `worker` and `serve` tell when runs come to rest; --notify stands above it"},
		{secretVariable, "the secret that this is signed with, whsec_... or any text of 16 bytes or more; --notify-secrets stands above it"},
		{hookSecretVariable, "secrets of webhooks, one a line: calls that `serve` takes at /hooks must be signed with one; --hook-secrets stands above it"},
		{"XDG_DATA_HOME", "the directory in which that of the program, such as pawl/, is made if neither is given"},
	}
	for _, p := range a.providers {
		for _, s := range p.Settings {
			rows = append(rows, helpRow{s.Name, s.About})
		}
	}
	return append(rows,
		helpRow{"COLUMNS", "the width of tables"},
		helpRow{"VISUAL, EDITOR", "the editor of approve, answer and supply --edit"},
		helpRow{"PAGER", "the pager of show; cat: none; not set: less, if it is there"},
		helpRow{"LESS", "the options of less; not set: FRX"},
		helpRow{"HTTP_PROXY", "the proxy through which providers at http addresses are asked"},
		helpRow{"HTTPS_PROXY", "the same for https; all three in small letters too"},
		helpRow{"NO_PROXY", "hosts that are asked without a proxy, with commas between"},
		helpRow{"TERM", "dumb: a terminal without colour and without a live tree"},
		helpRow{"NO_COLOR", "if not empty: no colour; --color stands above it"},
		helpRow{"CLICOLOR_FORCE", "if not empty and not 0: colour, also without a terminal"},
		helpRow{"USER", "who is named in a run's history"},
		helpRow{"OTEL_...", "where spans and metrics go, as OpenTelemetry says: OTEL_EXPORTER_OTLP_ENDPOINT and its others; not set: nowhere"},
		helpRow{"TRACEPARENT", "the trace that the command is part of, to which those of its runs are linked"},
	)
}

// helpRow is a name and what stands beside it.
type helpRow struct{ name, text string }

const helpWidth = 80 // columns of a topic of help

// helpRows are rows with the texts below each other.
func helpRows(rows []helpRow) string {
	const indent, gap = 2, 2
	width := 0
	for _, r := range rows {
		width = max(width, term.Cells(r.name))
	}
	var lines []string
	for _, r := range rows {
		lines = append(lines, strings.Repeat(" ", indent)+term.Pad(r.name, width+gap)+term.Hang(r.text, indent+width+gap, helpWidth))
	}
	return strings.Join(lines, "\n")
}
