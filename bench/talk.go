package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/llm"
)

const (
	turns        = 200
	messageBytes = 4 << 10
)

// talk is a flow whose every ask carries all messages before it.
type talk struct{ *pawl.FlowOf[size, int] }

// Invoke implements pawl.Flow.
func (t talk) Invoke(h host.Host, input json.RawMessage) (json.RawMessage, error) {
	var said []llm.Message
	for i := range turns {
		said = append(said, llm.User(message("question", i)))
		raw, err := h.Step(host.Step{Name: "turn", Ask: &host.AskStep{Messages: said}})
		if err != nil {
			return nil, err
		}
		var answer string
		if err := json.Unmarshal(raw, &answer); err != nil {
			return nil, err
		}
		said = append(said, llm.Assistant(answer))
	}
	return json.RawMessage("0"), nil
}

// message is a text of messageBytes that no other is equal to.
func message(what string, i int) string {
	text := fmt.Sprintf("%s %d ", what, i)
	return text + strings.Repeat("x", messageBytes-len(text))
}

// talker answers a conversation.
type talker struct{}

// Generate implements llm.Model.
func (talker) Generate(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	return llm.Response{Text: message("answer", len(req.Messages))}, nil
}

// conversation measures what a growing list of messages takes on disk.
func conversation(ctx context.Context, p place) ([]figure, error) {
	data := filepath.Join(p.dir, "data")
	db, err := sqlite.Open(ctx, data, nil)
	if err != nil {
		return nil, err
	}
	e := engine{local.New(&local.Options{Journal: db, Models: llm.Catalog{"talker": talker{}}, Model: "talker/any"}), db}
	f := talk{pawl.New("talk", "Holds a conversation.", func(*pawl.Run, size) (int, error) { return 0, nil })}
	id, err := e.Start(ctx, f, json.RawMessage(`{"n":0}`), nil)
	if err != nil {
		return nil, err
	}
	for _, err := range e.Events(ctx, id, 0) {
		if err != nil {
			return nil, err
		}
	}
	record, err := e.Get(ctx, id)
	if err == nil {
		err = record.Failure()
	}
	if err != nil {
		return nil, err
	}
	e.close(ctx) // the log is in the file then
	info, err := os.Stat(filepath.Join(data, sqlite.FileName))
	if err != nil {
		return nil, err
	}
	const messages = 2 * turns * messageBytes
	return []figure{
		{What: "database of a conversation of 200 turns", Value: float64(info.Size()) / 1024, Unit: "KiB", Durability: fullSync, Limit: messages / 1024},
		{What: "to the bytes of its messages", Value: float64(info.Size()) / messages, Unit: "x", AtMost: 1.3},
	}, nil
}
