package journal

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
)

// SearchedBytes is how much of a run's input a search looks at, from its beginning.
const SearchedBytes = 1000

// Searched returns the text, in lower case, in which [pawl.RunFilter.Text] is looked for
// beside a run's reason: its id and model, and how its input begins, as it is stored and
// without the escapes of JSON. Created is the body of its first event; of one that says no
// input there is none.
func Searched(id pawl.RunID, model string, created []byte) string {
	var began struct {
		Input json.RawMessage `json:"input"`
	}
	_ = json.Unmarshal(created, &began) // what is damaged is not found
	n := min(len(began.Input), SearchedBytes)
	for n < len(began.Input) && n > 0 && !utf8.RuneStart(began.Input[n]) {
		n-- // a character stays whole
	}
	head := string(began.Input[:n])
	text := string(id) + "\n" + model + "\n" + head
	if strings.Contains(head, `\`) {
		text += "\n" + unescaped.Replace(head)
	}
	return SearchText(text)
}

// unescaped undoes the escapes that inputs have.
var unescaped = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\/`, `/`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\u003c`, "<", `\u003e`, ">", `\u0026`, "&")

// SearchText returns a text in the form in which texts are compared: in lower case, and
// nothing in it that cannot be stored.
func SearchText(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(strings.ToLower(text), "\uFFFD"), "\x00", "\uFFFD")
}

// passesText reports whether a filter's text stands in what a search looks at in a run.
func (r *memoryRun) passesText(text string) bool {
	if text == "" {
		return true
	}
	text = SearchText(text)
	return strings.Contains(SearchText(r.Summary.Reason), text) || strings.Contains(Searched(r.ID, r.Model, r.events[0].Body), text)
}
