package responsestest

import (
	"fmt"
	"net/http"
	"strings"
)

// maxDeltas bounds how many pieces a text is streamed in.
const maxDeltas = 24

// events writes server-sent events.
type events struct{ w http.ResponseWriter }

func newEvents(w http.ResponseWriter) *events {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	return &events{w}
}

// send writes one event; an empty type is left out.
func (e *events) send(typ string, data []byte) {
	if typ != "" {
		_, _ = fmt.Fprintf(e.w, "event: %s\n", typ)
	}
	_, _ = fmt.Fprintf(e.w, "data: %s\n\n", data)
	_ = http.NewResponseController(e.w).Flush()
}

// pieces cuts a text after spaces into at most maxDeltas pieces that join to it.
func pieces(text string) []string {
	words := strings.SplitAfter(text, " ")
	size := (len(words) + maxDeltas - 1) / maxDeltas
	var out []string
	for len(words) > 0 {
		n := min(size, len(words))
		if piece := strings.Join(words[:n], ""); piece != "" {
			out = append(out, piece)
		}
		words = words[n:]
	}
	return out
}

func merge(base map[string]any, pairs ...any) map[string]any {
	out := make(map[string]any, len(base)+len(pairs)/2)
	for k, v := range base {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}
