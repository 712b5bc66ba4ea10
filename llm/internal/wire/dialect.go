package wire

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/pawlrun/pawl/llm"
)

// Form is how a schema is put to a server, from the surest to the one that every
// server takes.
type Form int

const (
	FormStrict Form = iota // as a JSON Schema that is to be kept to
	FormObject             // any JSON object is asked for, and the schema in words
	FormWords              // the schema in words alone
)

// systemRole is what a chat template makes of the role system.
type systemRole int

const (
	systemAnywhere systemRole = iota
	systemFirst               // at the beginning alone; elsewhere it is said as the user
	systemNever               // it is said as the user
)

// Dialect is how a model wants to be asked, where servers differ. The first of each
// Endpoint's is what the vendor takes.
type Dialect struct {
	vendor     *Vendor
	Form       Form
	Without    []string // keywords that are left out of a schema
	OtherLimit bool     // the limit goes by its other name
	most       int      // tokens that an answer may have at most, as the server says; 0: not known
	unheld     bool     // answers do not keep to the strict form, so that it is said in words too
	system     systemRole
	streaming  streaming
}

// merge is what takes care of both dialects. Calls that are refused at once each say the
// same, and none goes further than one step.
func (d Dialect) merge(o Dialect) Dialect {
	without := slices.Concat(d.Without, o.Without)
	slices.Sort(without)
	return Dialect{
		vendor: cmp.Or(d.vendor, o.vendor), Form: max(d.Form, o.Form), Without: slices.Compact(without), OtherLimit: d.OtherLimit || o.OtherLimit, most: smaller(d.most, o.most),
		unheld: d.unheld || o.unheld, system: max(d.system, o.system), streaming: d.streaming.merge(o.streaming),
	}
}

// dialects remembers the dialect of each model. What was refused is never tried again:
// what a server takes changes with its version, not between calls.
type dialects struct {
	vendor *Vendor

	mu     sync.Mutex
	models map[string]Dialect
	unsaid map[string][]string // what changed of a model and was told to nobody yet
}

func (m *dialects) of(model string) Dialect {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.known(model)
}

// known is of, for who holds the lock.
func (m *dialects) known(model string) Dialect {
	if d, known := m.models[model]; known {
		return d
	}
	return Dialect{vendor: m.vendor, system: m.vendor.system()}
}

// learn adds what is new in a dialect. change says it in words, for say; empty: nobody is to
// be told. Of calls that learn the same at once only the first has it said.
func (m *dialects) learn(model string, d Dialect, change string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.models == nil {
		m.models, m.unsaid = map[string]Dialect{}, map[string][]string{}
	}
	known := m.known(model)
	next := known.merge(d)
	m.models[model] = next
	if change != "" && !reflect.DeepEqual(known, next) {
		m.unsaid[model] = append(m.unsaid[model], change)
	}
}

// say returns what changed of a model since it was last asked for; whoever asks tells it.
func (m *dialects) say(model string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	said := strings.Join(m.unsaid[model], "; ")
	delete(m.unsaid, model)
	return said
}

// Format returns the name and the form of the request's schema that is to be sent; nil: it has
// none. The strict form is made even where it is not sent: a type that has none fails alike on
// all servers.
func (d Dialect) Format(req llm.Request) (name string, schema json.RawMessage, err error) {
	if req.Schema == nil {
		return "", nil, nil
	}
	name, strict, err := d.strictForm(req)
	if err != nil || d.Form != FormStrict {
		return name, strict, err
	}
	return name, dropKeywords(strict, d.Without), nil
}

// Messages returns the request's messages in the roles that the model knows, with the
// schema in words if it is to be said so. schema is what Format returned; nil is none.
func (d Dialect) Messages(req llm.Request, schema json.RawMessage) []llm.Message {
	messages := slices.Clone(req.Messages)
	if schema != nil && (d.Form != FormStrict || d.unheld) {
		messages = withSchema(messages, string(schema))
	}
	first := firstTurn(messages)
	for i, m := range messages {
		if m.Role == llm.RoleSystem && (d.system == systemNever || d.system == systemFirst && i >= first) {
			messages[i].Role = llm.RoleUser
		}
	}
	if d.system != d.vendor.system() { // as a chat template wants it
		return JoinNeighbours(messages)
	}
	return messages
}

// withSchema adds the schema in words behind the leading system messages.
func withSchema(messages []llm.Message, schema string) []llm.Message {
	words := llm.System("Answer with one JSON object and nothing else: no text around it, no code fence. " +
		"Write its properties in the order of this JSON Schema, which it must satisfy:\n" + schema)
	return slices.Insert(messages, firstTurn(messages), words)
}

// firstTurn is where the leading system messages end.
func firstTurn(messages []llm.Message) int {
	at := slices.IndexFunc(messages, func(m llm.Message) bool { return m.Role != llm.RoleSystem })
	if at < 0 {
		return len(messages)
	}
	return at
}

// JoinNeighbours makes one message of neighbours of one role, parted by a blank line:
// some chat templates refuse roles that do not alternate.
func JoinNeighbours(messages []llm.Message) []llm.Message {
	var out []llm.Message
	for len(messages) > 0 {
		role := messages[0].Role
		var texts []string
		for len(messages) > 0 && messages[0].Role == role {
			texts = append(texts, messages[0].Text())
			messages = messages[1:]
		}
		text := llm.Part{Type: llm.PartText, Text: strings.Join(texts, "\n\n")}
		out = append(out, llm.Message{Role: role, Parts: []llm.Part{text}})
	}
	return out
}
