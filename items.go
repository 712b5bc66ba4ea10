package pawl

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/late"
)

// Items wants from to to items, both included, in a list of the answer; field is its JSON
// name, or the names that lead to it with dots between them. The bound may depend on data,
// other than one in a tag of the answer's type (pawl:"items=3..5"). It is a gate, whose
// complaint speaks of the field ("has 2 sections, wants 3 to 5"), and stands in the schema
// that is sent, as minItems and maxItems: a provider that enforces schemas gets it right
// the first time. As with other gates, a recorded answer stays as it is when it changes.
//
// Items panics if the answer has no such list, and if no number of items is right.
func (q Question[Out]) Items(field string, from, to int) Question[Out] {
	answer, err := answerSchema[Out]()
	if err == nil && answer == nil {
		err = errors.New("the answer is text")
	}
	if err == nil {
		_, err = answer.WithItems(field, from, to)
	}
	if err != nil {
		must(fmt.Errorf("Items(%q, %d, %d): %w", field, from, to, err))
	}
	q = q.setting(func(s *host.Step) {
		if sent, err := s.Ask.SentSchema().WithItems(field, from, to); err == nil { // else the gate judges alone
			s.Ask.Sent = sent
		}
	})
	path := strings.Split(field, ".")
	items := strings.ReplaceAll(path[len(path)-1], "_", " ")
	wants := fmt.Sprintf("%d to %d", from, to)
	if from == to {
		wants = fmt.Sprint(from)
	}
	q.gates = append(q.gates[:len(q.gates):len(q.gates)], host.Gate{Name: itemsOf(wants, items), Check: func(c *host.Candidate) error {
		if n := countItems(c.JSON, path); n < from || n > to {
			return fmt.Errorf("has %s, wants %s", itemsOf(strconv.Itoa(n), items), wants)
		}
		return nil
	}})
	return q
}

// countItems returns how many items the list at a path has; one that is not there has none.
func countItems(raw json.RawMessage, path []string) int {
	for _, name := range path {
		var object map[string]json.RawMessage
		if json.Unmarshal(raw, &object) != nil {
			return 0
		}
		raw = object[name]
	}
	var items []json.RawMessage
	_ = json.Unmarshal(raw, &items) // it has passed its schema: at worst it is null
	return len(items)
}

// itemsOf is n of the items of a list, whose name is a plural as a rule: "2 sections",
// "1 section"; "1 item in boxes" where the singular cannot be told from it.
func itemsOf(n, items string) string {
	if n != "1" {
		return n + " " + items
	}
	if regular().MatchString(items) && !strings.HasSuffix(items, "news") {
		return "1 " + strings.TrimSuffix(items, "s")
	}
	return "1 item in " + items
}

// regular are plurals that lose an s and nothing else: neither "boxes", "entries" and
// "indices" nor "status", "series" and "news".
var regular = late.Regexp(`([ao]|[^aeiosux]|[^chiosvxz]e|[^i]ce)s$`)
