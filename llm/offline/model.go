package offline

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/pawlrun/pawl/llm"
)

var (
	_ llm.Model   = Model{}
	_ llm.Checker = Model{}
)

// Model answers without a language model. The zero value is ready, and it is safe for
// concurrent use.
type Model struct {
	// ReadFile reads the file that the option answers names, anew for each request;
	// os.ReadFile in a program whose users may have it read any file. Nil: the
	// option is refused.
	ReadFile func(name string) ([]byte, error)
}

// CheckModel accepts "" and options in URL query form. Its error names the
// option that is unknown or badly set, and what there is instead, or what is wrong
// with the file of answers.
func (m Model) CheckModel(name string) error {
	_, _, err := m.setUp(name)
	return err
}

// setUp reads the name within the provider, and the file that it names.
func (m Model) setUp(name string) (o options, given answers, err error) {
	if o, err = parseOptions(name); err == nil && o.answers != "" {
		given, err = m.readAnswers(o.answers)
	}
	return o, given, err
}

// Generate implements [llm.Model]. It waits only for the latency that the
// options ask for.
func (m Model) Generate(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
	o, given, err := m.setUp(req.Model)
	if err != nil {
		return llm.Response{}, &llm.Error{Kind: llm.Invalid, Message: err.Error(), Err: err}
	}
	if err := wait(ctx, o.latency); err != nil {
		return llm.Response{}, err
	}
	usage := &llm.Usage{InputTokens: inputTokens(req.Messages)}
	fault := o.fault(req.Meta.Attempt)
	switch {
	case o.refuse:
		return llm.Response{}, &llm.Error{
			Kind: llm.Refused, Message: "offline was asked to refuse", Hint: "leave out refuse=1", Usage: usage,
		}
	case fault == faultFail:
		return llm.Response{}, &llm.Error{Kind: llm.Overloaded, Message: "offline was asked to fail this attempt"}
	}

	text, ok := given.at(req.Meta.Key, req.Meta.Attempt-o.faults())
	if !ok {
		text = answer(req, o.reject)
	}
	words := countWords(text)
	var failure *llm.Error
	switch {
	case fault == faultTruncate:
		failure = &llm.Error{Message: "offline was asked to cut this answer short"}
		words /= 2
	case req.MaxTokens > 0 && tokens(words) > int64(req.MaxTokens):
		failure = &llm.Error{Message: "the answer is longer than the limit of tokens", Hint: "allow more tokens"}
		words = int(int64(req.MaxTokens) * 3 / 4)
	case fault == faultMalformed:
		text = malformed(text, req.Schema != nil)
		words = countWords(text)
	}
	if failure != nil {
		text = firstWords(text, words)
		failure.Kind, failure.Partial, failure.Usage = llm.Truncated, text, usage
	}
	usage.OutputTokens = tokens(words)

	if err := deliver(ctx, text, stream); err != nil {
		err.Usage = usage
		return llm.Response{}, err
	}
	if failure != nil {
		return llm.Response{}, failure
	}
	return llm.Response{Text: text, Model: "offline", Usage: usage}, nil
}

// answer makes the whole text for a request.
func answer(req llm.Request, reject bool) string {
	p := readPrompt(req)
	if req.Schema == nil {
		return plainText(p)
	}
	return jsonText(p, req.Schema.Root(), reject)
}

// wait lets d pass, or less if ctx ends.
func wait(ctx context.Context, d time.Duration) *llm.Error {
	if d > 0 && ctx.Err() == nil {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			return nil
		case <-ctx.Done():
		}
	}
	return ended(ctx)
}

// ended returns nil while ctx lasts.
func ended(ctx context.Context) *llm.Error {
	err := ctx.Err()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return &llm.Error{Kind: llm.Timeout, Message: "the deadline passed", Err: err}
	}
	return &llm.Error{Kind: llm.Canceled, Message: "the request was canceled", Err: err}
}

// deliver streams text in a few pieces that end between words.
func deliver(ctx context.Context, text string, stream func(llm.Delta)) *llm.Error {
	const pieces = 5
	size := len(text)/pieces + 1
	rest := text
	for rest != "" {
		if err := ended(ctx); err != nil {
			err.Partial = text[:len(text)-len(rest)]
			return err
		}
		cut := len(rest)
		if size < len(rest) {
			if i := strings.IndexByte(rest[size:], ' '); i >= 0 {
				cut = size + i + 1
			}
		}
		if stream != nil {
			stream(llm.Delta{Text: rest[:cut]})
		}
		rest = rest[cut:]
	}
	return nil
}

// malformed spoils an answer: JSON loses its end, plain text is lost.
func malformed(text string, isJSON bool) string {
	if !isJSON {
		return ""
	}
	return strings.ToValidUTF8(text[:len(text)*2/3], "") + "{"
}

// tokens guesses how many tokens so many words take.
func tokens(words int) int64 { return (int64(words)*4 + 2) / 3 }

func inputTokens(messages []llm.Message) int64 {
	words := 0
	for _, m := range messages {
		for _, part := range m.Parts {
			words += countWords(part.Text)
		}
	}
	return tokens(words)
}
