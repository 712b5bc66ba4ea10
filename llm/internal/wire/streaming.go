package wire

import (
	"errors"
	"net"
	"time"

	"github.com/pawlrun/pawl/llm"
)

// streaming is how a model's answers come. They are streamed if they can be and are
// counted, for gateways cut connections on which nothing comes for long; what is not
// counted would be paid by nobody's budget.
type streaming struct {
	refused   bool // the server does not stream them
	noOptions bool // it takes no stream_options
	counted   bool // a stream came with token counts
	uncounted bool // none did, and one without
	whole     bool // a whole answer came with token counts
	anyway    bool // none did, and one without, or one was cut off since; streams are as good
}

// merge adds what is new in o.
func (s streaming) merge(o streaming) streaming {
	return streaming{
		refused: s.refused || o.refused, noOptions: s.noOptions || o.noOptions,
		counted: s.counted || o.counted, uncounted: s.uncounted || o.uncounted, whole: s.whole || o.whole,
		anyway: (s.anyway || o.anyway) && !o.whole,
	}
}

// streamSentences say, in lower case, that an answer is not streamed.
var streamSentences = []string{
	"must be verified to stream",                             // OpenAI, to organizations that are not: charmbracelet/crush issue 422
	"'stream' does not support true",                         // OpenAI's o1: github/gh-models issue 31
	"unsupported for streaming",                              // Bedrock: langchain-ai/langchainjs issue 2645
	"`stream` is not supported", "'stream' is not supported", // Hugging Face: huggingface/chat-ui issue 296
	"streaming is not supported", "does not support streaming", // gateways
	"stream is not supported", "streaming not supported", // gateways
	"streaming is not available", "streaming is not implemented", // gateways
}

// Streams reports whether an answer is to be streamed.
func (d Dialect) Streams() bool {
	s := d.streaming
	return !s.refused && (!s.uncounted || s.counted || s.anyway)
}

// StreamOptions reports whether a stream is to be asked for its token counts.
func (d Dialect) StreamOptions() bool { return d.Streams() && !d.streaming.noOptions }

// afterStream is after for how the answer is streamed.
func (d Dialect) afterStream(m string) (next Dialect, change string, ok bool) {
	switch {
	case !d.Streams():
		return d, "", false
	case !d.streaming.noOptions && containsAny(m, "stream_options", "include_usage") && containsAny(m, lacks...):
		// Mistral: openai/openai-agents-python issue 442; Fireworks: FlowiseAI/Flowise
		// issue 2866; older versions of Azure; gateways.
		return Dialect{streaming: streaming{noOptions: true, uncounted: true}}, "the server takes no stream_options, without which streams are not counted; answers come whole", true
	case containsAny(m, streamSentences...):
		return Dialect{streaming: streaming{refused: true}}, "the server does not stream answers of this model; they come whole", true
	}
	return d, "", false
}

// afterAnswer returns what an answer to one who listens, asked for in this dialect, teaches
// about it. took is how long it was waited for.
func (d Dialect) afterAnswer(resp llm.Response, err error, took time.Duration) (next Dialect, ok bool) {
	s := d.streaming
	switch {
	case d.Streams() && err == nil && !s.counted && resp.Usage != nil:
		return Dialect{streaming: streaming{counted: true}}, true
	case d.Streams() && err == nil && !s.counted && !s.anyway && resp.Usage == nil:
		return Dialect{streaming: streaming{uncounted: true}}, true
	case d.Streams() || s.refused:
	case err == nil && resp.Usage != nil:
		return Dialect{streaming: streaming{whole: true}}, true
	case err == nil && !s.whole, err != nil && cutAsIdle(err, took):
		return Dialect{streaming: streaming{anyway: true}}, true
	}
	return d, false
}

// idleCut is the shortest time after which something on the way takes a connection for
// idle: half of what the common gateways and load balancers have set (60 s).
const idleCut = 30 * time.Second

// cutAsIdle reports whether a connection may have been cut because nothing came on it. One
// that was not made, or broke early, was not.
func cutAsIdle(err error, took time.Duration) bool {
	var op *net.OpError
	var e *llm.Error
	if took < idleCut || !errors.As(err, &e) || errors.As(e.Err, &op) && op.Op == "dial" {
		return false
	}
	switch e.Kind {
	case llm.Network, llm.Timeout:
		return true
	case llm.Overloaded:
		return e.Status == 502 || e.Status == 504 || e.Status == 524 // 524: Cloudflare's
	}
	return false
}
