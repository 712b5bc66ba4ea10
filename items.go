package pawl

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl/host"
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
	q.gates = append(q.gates[:len(q.gates):len(q.gates)], host.Gate{Name: wants + " " + plural(to, items), Check: func(c *host.Candidate) error {
		if n := countItems(c.JSON, path); n < from || n > to {
			return fmt.Errorf("has %d %s, wants %s", n, plural(n, items), wants)
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

// plural is the name of a list, which is a plural as a rule, for n of its items.
func plural(n int, items string) string {
	switch {
	case n != 1 || strings.HasSuffix(items, "ss"):
		return items
	case strings.HasSuffix(items, "ies"):
		return strings.TrimSuffix(items, "ies") + "y"
	}
	return strings.TrimSuffix(items, "s")
}
