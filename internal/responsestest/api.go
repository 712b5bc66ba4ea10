package responsestest

import "net/http"

// The APIs that the server speaks, as Call.API names them.
const (
	Responses = "responses" // POST {base}/responses
	Chat      = "chat"      // POST {base}/chat/completions
	Messages  = "messages"  // POST {base}/messages, Anthropic's
	Gemini    = "gemini"    // POST {GeminiURL}/v1beta/models/NAME:generateContent, and :streamGenerateContent
)

// api is one of them.
type api interface {
	name() string

	// at reports whether a path is the API's.
	at(path string) bool

	// authorize finds the key of a request, and fills c with it.
	authorize(r *http.Request, c *Call) *violation

	// parse checks a body, and the address of its request beside the path, and fills c
	// from them.
	parse(r *http.Request, body []byte, c *Call) *violation

	// failure is the body of an error. Its type, code and param may be empty.
	failure(f failure) map[string]any

	// object is the body of a plain answer.
	object(a answer, c Call) map[string]any

	stream(e *events, c Call) answerStream
}

// answerStream writes an answer in events.
type answerStream interface {
	// open sends everything up to the last piece of a text and leaves the rest out.
	open(text string)

	// whole sends a complete answer with its end.
	whole(a answer)
}

type (
	responsesAPI struct{ openAI }
	chatAPI      struct{ openAI }
)

// apis are all of them. The first is asked where a path is nobody's.
var apis = []api{responsesAPI{}, chatAPI{}, messagesAPI{}, geminiAPI{}}

func (responsesAPI) name() string        { return Responses }
func (chatAPI) name() string             { return Chat }
func (responsesAPI) at(path string) bool { return path == "/v1/responses" }
func (chatAPI) at(path string) bool      { return path == "/v1/chat/completions" }

func (responsesAPI) stream(e *events, c Call) answerStream {
	return &responsesStream{events: e, call: c}
}
func (chatAPI) stream(e *events, c Call) answerStream { return &chatStream{events: e, call: c} }

// apiAt names the API at a path, or "".
func apiAt(path string) string {
	for _, a := range apis {
		if a.at(path) {
			return a.name()
		}
	}
	return ""
}

func (c Call) api() api {
	for _, a := range apis {
		if a.name() == c.API {
			return a
		}
	}
	return apis[0]
}

// created is the time of every answer: nothing here depends on when the test runs.
const created = 1767225600
