// Package searched is the text of a run in which a search looks.
package searched

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
)

// Bytes is how much of a run's input a search looks at, from its beginning.
const Bytes = 1000

// In returns the text, in lower case, in which [pawl.RunFilter.Text] is looked for
// beside a run's reason: its id and model, and how its input begins, as it is stored and
// without the escapes of JSON. Created is the body of its first event; of one that says no
// input there is none.
func In(id pawl.RunID, model string, created []byte) string {
	var began struct {
		Input json.RawMessage `json:"input"`
	}
	_ = json.Unmarshal(created, &began) // what is damaged is not found
	n := min(len(began.Input), Bytes)
	for n < len(began.Input) && n > 0 && !utf8.RuneStart(began.Input[n]) {
		n-- // a character stays whole
	}
	head := string(began.Input[:n])
	text := string(id) + "\n" + model + "\n" + head
	if strings.Contains(head, `\`) {
		text += "\n" + unescaped.Replace(head)
	}
	return Form(text)
}

// unescaped undoes the escapes that inputs have.
var unescaped = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\/`, `/`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\u003c`, "<", `\u003e`, ">", `\u0026`, "&")

// Form returns a text in the form in which texts are compared: in lower case, and
// nothing in it that cannot be stored.
func Form(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(strings.ToLower(text), "\uFFFD"), "\x00", "\uFFFD")
}
