package flow

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/pawlrun/pawl"
)

// Mailer is a service: it shows no field.
type Mailer struct{ calls int }

func (m *Mailer) send(ctx context.Context, to string) error { m.calls++; return nil }

func captures(r *pawl.Run, in Input, m *Mailer, c *http.Client) (string, error) {
	sent, total, parsed := "", 0, Input{}
	lines := strings.Split(in.Name, "\n")
	count := map[string]int{}
	shared := &in
	for range lines {
		pawl.Do(r, "send", in, func(ctx context.Context, data Input) (string, error) {
			r.Note("sending")                                    // want `the code of a Do uses r: it runs beside the flow and takes no steps`
			sent = data.Name                                     // want `the code of a Do sets sent, a variable of the flow, which a replay does not; return the value`
			total++                                              // want `the code of a Do sets total`
			count["a"] = 1                                       // want `the code of a Do sets count`
			if err := json.Unmarshal(nil, &parsed); err != nil { // want `the code of a Do sets parsed`
				return "", err
			}
			own := len(lines) // want `the code of a Do reads lines, which is not in its input; hand it in, so that a change of it is seen`
			own += len(lines)
			_ = shared.Name // want `the code of a Do reads shared`
			_, _ = c.Get("https://example.org")
			return strings.Repeat(prefix, own), m.send(ctx, data.Name)
		})
	}
	return sent, nil
}

// A flow that is made with what it needs.
func newFlow(recipients []string, sent *[]string) *pawl.FlowOf[Input, string] {
	return pawl.New("made", "Be made.", func(r *pawl.Run, in Input) (string, error) {
		return pawl.Do(r, "send", in, func(ctx context.Context, in Input) (string, error) {
			*sent = append(*sent, in.Name)
			in.Tags, in.Name = recipients, "mine"
			return in.Name, nil
		}), nil
	})
}
