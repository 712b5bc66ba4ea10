package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pawlrun/pawl"
)

type listInbox struct {
	Flow  string `json:"flow,omitempty" jsonschema:"Only what runs of this flow wait for."`
	Limit int64  `json:"limit" jsonschema:"At most this many." pawl:"min=1,max=100,default=20"`
}

type getBlocker struct {
	Run pawl.RunID `json:"run" jsonschema:"The run's id, whole." pawl:"len=1..64"`
	Key pawl.Key   `json:"step,omitempty" jsonschema:"The key of the step that waits; left out: the flow itself." pawl:"len=..4096"`
}

// blockerAnswer is an open blocker, for whoever decides on it.
type blockerAnswer struct {
	pawl.InboxItem
	Schema  json.RawMessage `json:"schema"`   // JSON Schema of the value that a decision may carry; null: not known, or it carries none
	Studio  string          `json:"studio"`   // where a person decides; empty: not known
	Next    string          `json:"next"`     // what to do now
	LeftOut []string        `json:"left_out"` // what is too large to be told here
}

func (s *Server) inboxTools() {
	add(s, definition{name: "inbox_list", title: "List what waits for a person",
		about: "List what waits for a person, the oldest first: the question of each, with where and by which command a person decides. inbox_get has one whole."},
		func(ctx context.Context, c *call, in listInbox) (any, error) {
			items, err := s.view.Inbox(ctx, pawl.RunFilter{Flow: in.Flow, Program: s.o.Program, Limit: int(in.Limit)})
			if err != nil {
				return nil, err
			}
			list := []blockerAnswer{}
			for _, item := range items {
				a := blockerAnswer{InboxItem: s.commanded(item), Schema: json.RawMessage("null"), Studio: s.link(item.Run), Next: "inbox_get has it whole", LeftOut: []string{}}
				if a.leaveOut(2000); len(a.Question) > 2000 {
					a.Question = cut(a.Question, 1000)
				}
				list = append(list, a)
			}
			return struct {
				Items []blockerAnswer `json:"items"`
			}{list}, nil
		})
	add(s, definition{name: "inbox_get", title: "Get one question",
		about: "Get one thing that waits for a person, whole: the question, what is to be approved, what may be decided, and the digest that a decision is bound to. Show it to the person; do not decide for them."},
		func(ctx context.Context, c *call, in getBlocker) (any, error) {
			b, err := s.view.Open(ctx, in.Run, in.Key)
			if err != nil {
				return nil, err
			}
			a := blockerAnswer{InboxItem: s.commanded(pawl.InboxItem{Run: b.Run.ID, Flow: b.Run.Flow, Blocker: b.Blocker}), Schema: json.RawMessage("null"), Studio: s.link(in.Run), Next: c.next(b.Run), LeftOut: []string{}}
			if b.Schema != nil {
				a.Schema = b.Schema.JSON()
			}
			a.leaveOut(mostResult)
			return a, nil
		})
}

// commanded is an item of the inbox with the commands that lift it.
func (s *Server) commanded(item pawl.InboxItem) pawl.InboxItem {
	rec := s.shown(pawl.RunRecord{ID: item.Run, Flow: item.Flow, Blockers: []pawl.Blocker{item.Blocker}})
	item.Blocker = rec.Blockers[0]
	return item
}

// leaveOut leaves out what is larger than that.
func (a *blockerAnswer) leaveOut(most int) {
	if len(a.Proposal) > most {
		a.Proposal = json.RawMessage("null")
		a.LeftOut = append(a.LeftOut, fmt.Sprintf("proposal: run://%s has it", a.Run))
	}
	if a.Request != nil && sizeOf(a.Request) > most {
		a.Request = nil
		a.LeftOut = append(a.LeftOut, fmt.Sprintf("request: run://%s has it", a.Run))
	}
}
