package openai

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/openai/openai-go/v3/responses"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/openaiwire"
)

// ReadBody reads a whole answer.
func (c *call) ReadBody(res *http.Response, body []byte) (llm.Response, error) {
	var answer responses.Response
	if err := c.endpoint.Decode(res, body, &answer); err != nil {
		return llm.Response{}, err
	}
	return c.readAnswer(res, &answer)
}

// readAnswer decides what an answer object is worth. A refusal goes before the
// status: it arrives as completed, and cut short it is still a refusal.
func (c *call) readAnswer(res *http.Response, answer *responses.Response) (llm.Response, error) {
	text, refusal := contents(answer)
	usage := usageOf(answer)
	fail := func(e llm.Error) (llm.Response, error) {
		e.Partial, e.Usage = text, usage
		return llm.Response{}, openaiwire.From(res, &e)
	}
	if answer.Status == responses.ResponseStatusFailed || answer.Error.Code != "" || answer.Error.Message != "" {
		return fail(openaiwire.ProviderError(answer.Error.RawJSON()))
	}
	if refusal != nil {
		if *refusal == "" {
			*refusal = "the model declined and did not say why"
		}
		return fail(llm.Error{Kind: llm.Refused, Message: *refusal})
	}
	switch answer.Status {
	case responses.ResponseStatusCompleted:
		if strings.TrimSpace(text) == "" {
			return fail(llm.Error{Kind: llm.Overloaded, Message: "the answer is complete but has no text"})
		}
		return llm.Response{Text: text, Model: answer.Model, ID: answer.ID, Usage: usage}, nil
	case responses.ResponseStatusIncomplete:
		return fail(incomplete(answer.IncompleteDetails.Reason))
	case responses.ResponseStatusCancelled:
		return fail(llm.Error{Kind: llm.Overloaded, Message: "the server canceled the answer"})
	case responses.ResponseStatusQueued, responses.ResponseStatusInProgress:
		return fail(llm.Error{Kind: llm.Invalid,
			Message: fmt.Sprintf("the server answered %q, as if it had been asked to work in the background", answer.Status)})
	}
	return fail(llm.Error{Kind: llm.Overloaded, Message: fmt.Sprintf("the answer has the unknown status %q", openaiwire.Brief(string(answer.Status))),
		Hint: c.endpoint.AddressHint()})
}

func incomplete(reason string) llm.Error {
	switch reason {
	case "content_filter":
		return llm.Error{Kind: llm.Filtered, Code: reason, Message: "a content filter stopped the answer"}
	case "max_output_tokens", "max_tokens", "length": // the last two from compatible servers
		return llm.Error{Kind: llm.Truncated, Code: reason, Message: "the answer ran into its token limit"}
	}
	return llm.Error{Kind: llm.Overloaded, Code: reason, Message: fmt.Sprintf("the answer is incomplete: %q", openaiwire.Brief(reason))}
}

// contents joins the text of the answer's messages. refusal is nil if there was
// none. What a model says on its way to the answer (phase commentary) is no part
// of it.
func contents(answer *responses.Response) (text string, refusal *string) {
	var b, r strings.Builder
	refused := false
	for _, item := range answer.Output {
		if item.Type != "message" || item.Phase == responses.ResponseOutputMessagePhaseCommentary {
			continue
		}
		for _, part := range item.Content {
			switch part.Type {
			case "output_text":
				b.WriteString(part.Text)
			case "refusal":
				refused = true
				r.WriteString(part.Refusal)
			}
		}
	}
	if refused {
		s := r.String()
		refusal = &s
	}
	return b.String(), refusal
}

// usageOf returns nil if the server did not say, or said nonsense.
func usageOf(answer *responses.Response) *llm.Usage {
	u := answer.Usage
	if !answer.JSON.Usage.Valid() || u.InputTokens < 0 || u.OutputTokens < 0 || u.InputTokensDetails.CachedTokens < 0 {
		return nil
	}
	return &llm.Usage{InputTokens: u.InputTokens, OutputTokens: u.OutputTokens, CachedTokens: u.InputTokensDetails.CachedTokens}
}
