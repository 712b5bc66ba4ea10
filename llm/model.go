package llm

import "context"

// Model answers requests. Implementations are safe for concurrent use.
type Model interface {
	// Generate makes one attempt at the request and blocks until the answer is
	// complete, ctx ends or the attempt fails. It does not retry; see the package
	// comment.
	//
	// If stream is not nil it is called, from one goroutine at a time, with each
	// piece of text as it arrives, and the answer is asked for as a stream, so that
	// no gateway takes the connection for idle; a Model that cannot stream does not
	// call it. Streamed text is progress, never a result: the Response holds the
	// whole text and its token counts, and after an error what was streamed is to be
	// dropped.
	//
	// Every error is an *Error. A ctx that ends makes an Error of kind Timeout
	// (its deadline passed) or Canceled.
	Generate(ctx context.Context, req Request, stream func(Delta)) (Response, error)
}

// Checker is implemented by a Model that can tell, without a request, whether
// it can be asked for a model. The name is the part after the provider; see
// Split. An *Error says that the name is known and asking would fail.
type Checker interface {
	CheckModel(name string) error
}

// SchemaChecker is implemented by a Model that can tell, without a request and without a
// key, whether a schema can be said to its vendor.
type SchemaChecker interface {
	// CheckSchema returns why every request with this Schema to this Model would fail,
	// naming the field, or nil. Nothing else of the request counts.
	CheckSchema(req Request) error
}

// Bounded is implemented by a Model that learns from its servers how much models may
// write.
type Bounded interface {
	// MostTokens returns the most that the server takes as Request.MaxTokens of a model,
	// as far as it has said so to this Model; 0: it has not. No more is sent.
	MostTokens(name string) int
}

// Delta is one piece of streamed text.
type Delta struct {
	Text string
}

// Func makes a Model of a function, for tests and for wrapping another Model.
type Func func(ctx context.Context, req Request, stream func(Delta)) (Response, error)

// Generate calls f.
func (f Func) Generate(ctx context.Context, req Request, stream func(Delta)) (Response, error) {
	return f(ctx, req, stream)
}
