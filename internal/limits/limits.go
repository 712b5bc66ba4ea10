// Package limits says how large, deep and many things may be that come from models,
// people, files and the network, in one place. What is larger is refused with a message
// before anything of it is stored; texts that are for readers alone are cut, and say so.
//
// [Table] is what docs/reference/limits.md shows. Who bounds something uses the constant.
package limits

const (
	// ValueBytes bounds the body of one event of a journal, and one blob.
	ValueBytes = 16 << 20

	// EntryBytes bounds a value that a run is given or comes to: beside it there is room
	// in its event for what else that says.
	EntryBytes = ValueBytes - 1<<20

	TextBytes        = 64 << 10 // a text that people read or write: a question, a comment, guidance, a message of an error
	PurposeBytes     = 4 << 10  // the line that says why a step is there
	WhoBytes         = 1 << 10  // the name of a person
	NameBytes        = 64       // the name of a flow, step or branch
	KeyBytes         = 4 << 10  // the key of a step, with those of the scopes around it
	DeliveryBytes    = 200      // the id of a delivery
	DeliveredSize    = 1 << 20  // an event from a program
	AnswerIDBytes    = 200      // the id that a provider gives an answer
	ServiceTierBytes = 100      // the name of the service tier that answered

	Depth  = 1000    // of arrays and objects in JSON
	Values = 500_000 // in one JSON document

	Messages  = 10_000    // of one request, as it is authored
	GateNames = 256 << 10 // bytes of the names of a step's gates together

	DiffWords    = 200_000 // words or lines of two texts together that are compared one by one
	DiffFields   = 1000    // changed fields of one value that a comparison tells
	PreviewBytes = 1 << 20 // what a breakpoint shows of a request

	RunFileBytes  = 256 << 20 // a run as a file
	RunFileEvents = 500_000   // in it

	FileBytes   = 16 << 20  // a file that a person gives, or a line of one
	PromptBytes = 256 << 10 // the file of a prompt that takes the place of a flow's own
	SchemaNodes = 10_000    // what the references of a schema document unfold to
	Problems    = 50        // that one check of a value tells
	ItemIDBytes = 200       // what a branch of a map is known by
	Deliveries  = 16        // events that wait until the flow comes to their step

	Tokens = 1 << 40 // in one count that a provider reports

	AnswerBytes      = 64 << 20 // an answer on the wire
	AnswerEventBytes = 32 << 20 // one event of a streamed answer
	ErrorBytes       = 1 << 20  // the body of an error on the wire
	HeaderBytes      = 1 << 20  // the headers of an answer on the wire
	ModelsBytes      = 1 << 20  // a server's list of its models
	MessageChars     = 600      // a provider's message of an error
	AddressBytes     = 8 << 10  // a callback address

	NoticeTextBytes   = 2 << 10  // a question, a reason or a name in a notice that a run came to rest
	NoticeBlockers    = 20       // that it lists
	NoticeAnswerBytes = 64 << 10 // of what its receiver answers: the headers, and as much of the body

	RelayConnections  = 64      // to a process that tells pieces of answers
	RelayRequestBytes = 4 << 10 // the line that asks for them
	RelayLineBytes    = 1 << 20 // a line that tells one
	RelayBehindBytes  = 1 << 20 // of pieces that a listener has not taken
)

// Limit is a row of the table.
type Limit struct {
	What string // is bounded
	Most int64
	Unit string
	Then string // what happens to more
}

// Table lists all limits.
var Table = []Limit{
	{"input of a run, output of a flow, result of a step, edited proposal, answer of a person, what a person is shown", EntryBytes, "bytes of JSON", "refused: `takes … bytes as JSON`; of a step that was paid for, the step fails and says so"},
	{"event of a journal, message or schema of a request", ValueBytes, "bytes", "refused; what else is in this table keeps events below it"},
	{"JSON from anywhere: nesting", Depth, "levels", "refused: `nested deeper than`"},
	{"JSON from anywhere: numbers, texts, lists and other values in one document", Values, "values", "refused: `has more than … values`"},
	{"question to a person, with who is asked and the reasons", TextBytes, "bytes", "the run fails: `what step … asks`"},
	{"guidance, comment of a decision, reason to pause or cancel", TextBytes, "bytes", "refused: `bytes long, at most`"},
	{"message or hint of an error, complaint of a gate, note, stack", TextBytes, "bytes", "cut, and ends in `... (cut)`"},
	{"request, as a breakpoint, a plan or a dry run shows it; it leaves whole", PreviewBytes, "bytes", "cut, and ends in `... (cut)`; data is left out"},
	{"purpose of a step", PurposeBytes, "bytes", "cut, and ends in `... (cut)`"},
	{"name of whoever decides or directs", WhoBytes, "bytes", "refused: `bytes long, at most`"},
	{"name of a flow, step or branch", NameBytes, "characters", "refused: `must have 1 to 64 characters`"},
	{"key of a step: scopes within scopes, a flow that calls itself", KeyBytes, "bytes", "the run fails: `scopes are nested too deep`"},
	{"words or lines of two texts that are compared", DiffWords, "words", "the text counts as changed altogether"},
	{"changed fields of one value in a comparison of runs", DiffFields, "fields", "left out, and counted"},
	{"file that a command is given: an input, a value, a list of runs, an edit, `prices.json`", FileBytes, "bytes", "refused: `is larger than … MiB`"},
	{"run as a file", RunFileBytes, "bytes", "refused, where it is read and where it is written: `is larger than … MiB`"},
	{"events of a run in a file", RunFileEvents, "events", "refused: `the run has more than … events`"},
	{"line of a batch's inputs; there may be any number of them", FileBytes, "bytes", "refused: `it is longer than … MiB`"},
	{"prompt in the place of a flow's own", PromptBytes, "bytes", "refused: `bytes long, at most`"},
	{"schema document: what its references unfold to", SchemaNodes, "schemas", "refused: `the document unfolds to more than`"},
	{"problems that one check of a value tells", Problems, "problems", "left out: `has more problems; only the first`"},
	{"identity of a branch of a map (`By`)", ItemIDBytes, "bytes", "its digest stands in the key"},
	{"event from a program", DeliveredSize, "bytes", "refused: `the event takes … bytes`"},
	{"id of a delivery", DeliveryBytes, "bytes", "refused: `the id of a delivery wants`"},
	{"events that wait until the flow comes to their step", Deliveries, "events", "refused: `events were delivered to`"},
	{"callback address", AddressBytes, "bytes", "refused: `no step has this callback address`"},
	{"messages of a request", Messages, "messages", "the step fails before it is asked: `has … messages`"},
	{"names of a step's gates together", GateNames, "bytes", "the step fails before it is asked: `the names of its gates`"},
	{"id of an answer, as the provider gives it", AnswerIDBytes, "bytes", "cut"},
	{"service tier of an answer, as the provider names it", ServiceTierBytes, "bytes", "cut"},
	{"count of tokens that a provider reports", Tokens, "tokens", "taken for this many"},
	{"answer on the wire", AnswerBytes, "bytes", "the attempt fails: `the answer is larger than we read`"},
	{"event of a streamed answer", AnswerEventBytes, "bytes", "the attempt fails: `the answer is larger than we read`"},
	{"body of an error on the wire", ErrorBytes, "bytes", "cut"},
	{"headers of an answer on the wire", HeaderBytes, "bytes", "the attempt fails: `server response headers exceeded`"},
	{"message of an error, as the provider words it", MessageChars, "characters", "cut, and ends in `...`"},
	{"list of the models that a server has", ModelsBytes, "bytes", "refused: `not a list of models`"},
	{"question, reason or name in a notice that a run came to rest", NoticeTextBytes, "bytes", "cut, and ends in `... (cut)`"},
	{"blockers in a notice that a run came to rest", NoticeBlockers, "blockers", "left out, and counted"},
	{"headers, or body, of what is answered to such a notice", NoticeAnswerBytes, "bytes", "the headers: the try fails; the body: not read"},
	{"connections to the socket at which a process tells pieces of answers", RelayConnections, "connections", "closed at once"},
	{"line that asks at such a socket", RelayRequestBytes, "bytes", "the connection is closed"},
	{"line that tells a piece at it", RelayLineBytes, "bytes", "the connection is closed"},
	{"pieces that a listener has not taken", RelayBehindBytes, "bytes", "dropped; the answers under way are told anew, from their beginning"},
}
