package support

import "github.com/pawlrun/pawl"

// Report is what does not work.
type Report struct {
	Title    string `json:"title" jsonschema:"what is broken, in a line" pawl:"len=1..100"`
	Details  string `json:"details" jsonschema:"what the customer did and what happened then, in one or two sentences" pawl:"len=1..1000"`
	Severity string `json:"severity" jsonschema:"high: they cannot work; medium: they can, with pains; low: it is a nuisance" pawl:"enum=low|medium|high"`
}

type technicalData struct{ Title, Details string }

var (
	reportP    = pawl.MustPrompt[Message, Report](files, "prompts/report.md")
	technicalP = pawl.MustPrompt[technicalData, string](files, "prompts/technical.md")
)

// TechnicalFlow answers a message about something that does not work.
var TechnicalFlow = pawl.New("support-technical", "Answer a message about something that does not work.", technical,
	pawl.Prompts(reportP, technicalP), pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "chain", Visible: "the report with its number", Why: "developers need a report, the customer an answer: two readers, two questions"},
	pawl.Example(Message{Customer: "Ada", Text: "The app closes when I open a second window."}))

func technical(r *pawl.Run, in Message) (Reply, error) {
	report := pawl.Ask(r, "report", reportP.With(in))
	number := r.ID("report") // a replay gets the same one
	r.Note("report %s, severity %s: %s", number, report.Severity, report.Title)
	text := pawl.Ask(r, "answer", written(technicalP.With(technicalData{report.Title, report.Details})))
	return Reply{Desk: Technical, Text: text + "\n\nYour report has the number " + number + "."}, nil
}
