package responsestest

// The APIs that the server speaks, as Call.API names them.
const (
	Responses = "responses" // POST {base}/responses
	Chat      = "chat"      // POST {base}/chat/completions
)

// api is one of them.
type api interface {
	// parse checks a body and fills c from it.
	parse(body []byte, c *Call) *violation

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
	responsesAPI struct{}
	chatAPI      struct{}
)

func (responsesAPI) stream(e *events, c Call) answerStream {
	return &responsesStream{events: e, call: c}
}
func (chatAPI) stream(e *events, c Call) answerStream { return &chatStream{events: e, call: c} }

// apiAt names the API at a path, or "".
func apiAt(path string) string {
	switch path {
	case "/v1/responses":
		return Responses
	case "/v1/chat/completions":
		return Chat
	}
	return ""
}

func (c Call) api() api {
	if c.API == Chat {
		return chatAPI{}
	}
	return responsesAPI{}
}

// created is the time of every answer: nothing here depends on when the test runs.
const created = 1767225600
