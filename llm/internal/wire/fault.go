package wire

import (
	"encoding/json"
	"fmt"
	"strings"
)

// fault is what pydantic, and so every server that is built on FastAPI, finds wrong with a
// request: {"type":...,"loc":["body","messages",0],"msg":...,"input":...}. Its input is a
// part of the request, words of a prompt maybe, which say nothing about the error.
type fault struct {
	Loc []any
	Msg string
}

func (f fault) String() string {
	at := make([]string, len(f.Loc))
	for i, part := range f.Loc {
		at[i] = fmt.Sprint(part)
	}
	if len(at) == 0 {
		return f.Msg
	}
	return strings.Join(at, ".") + ": " + f.Msg
}

// readFaults says a list of faults, or one, in a line; "" if it is something else.
func readFaults(raw []byte) string {
	var list []fault
	if json.Unmarshal(raw, &list) != nil {
		list = make([]fault, 1)
		if json.Unmarshal(raw, &list[0]) != nil {
			return ""
		}
	}
	var said []string
	for _, f := range list {
		if f.Msg != "" {
			said = append(said, f.String())
		}
	}
	return strings.Join(said, "; ")
}

// withoutInput leaves the input out of faults that stand in a message: as JSON, or as
// Python writes a list (vLLM).
func withoutInput(message string) string {
	text := strings.TrimSpace(message)
	if !strings.HasPrefix(text, "[{") {
		return message
	}
	if said := readFaults([]byte(text)); said != "" {
		return said
	}
	if before, _, ok := strings.Cut(text, ", 'input': "); ok && strings.Contains(before, "'loc': ") {
		return before + "}]"
	}
	return message
}
