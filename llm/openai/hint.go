package openai

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/pawlrun/pawl/llm"
)

// finish makes the *llm.Error that leaves the adapter: sorted, with a hint, in one
// readable line, without the key.
func (m *Model) finish(ctx context.Context, req llm.Request, err error) *llm.Error {
	var found *llm.Error
	if !errors.As(err, &found) {
		found = transportError(ctx, err)
	}
	e := *found // options' errors are shared between calls
	if e.Hint == "" {
		e.Hint = m.hint(req, &e)
	}
	e.Message = brief(m.scrub(e.Message))
	e.Code = brief(m.scrub(e.Code))
	e.RequestID = brief(m.scrub(e.RequestID))
	e.Hint = m.scrub(e.Hint)
	e.Partial = m.scrub(e.Partial)
	if e.Err != nil && m.scrub(e.Err.Error()) != e.Err.Error() {
		e.Err = nil
	}
	return &e
}

// hint says what a person can do, or nothing.
func (m *Model) hint(req llm.Request, e *llm.Error) string {
	if e.Code == "model_not_found" {
		return fmt.Sprintf("check --model: this account does not know or may not use %q", req.Model)
	}
	switch e.Kind {
	case llm.Auth:
		if e.Status == http.StatusForbidden {
			return fmt.Sprintf("check what this OPENAI_API_KEY may do: its project, permissions and region (%s)", m.host)
		}
		return fmt.Sprintf("set OPENAI_API_KEY to a valid key (%s)", m.host)
	case llm.Quota:
		return fmt.Sprintf("add credit or raise the limit of this account (%s)", m.host)
	case llm.RateLimit:
		return "run fewer calls at once, or raise the rate limit of this account"
	case llm.ContextLength:
		return fmt.Sprintf("the request has %s; shorten it, or choose a model with a larger context", size(req.Messages))
	case llm.Truncated:
		if req.MaxTokens > 0 {
			return fmt.Sprintf("raise max_tokens: it is %d, and reasoning counts too", req.MaxTokens)
		}
		return "ask for a shorter answer, or set a larger max_tokens"
	case llm.Filtered:
		return "reword what the prompt says or carries: the same request will be stopped again"
	case llm.Refused:
		return "reword the prompt, or ask another model"
	case llm.Invalid:
		if e.Status == http.StatusNotFound || e.Status/100 == 3 {
			return "check OPENAI_BASE_URL: it usually ends in /v1"
		}
	}
	return ""
}

func size(messages []llm.Message) string {
	n := 0
	for _, m := range messages {
		n += utf8.RuneCountInString(m.Text())
	}
	if len(messages) == 1 {
		return fmt.Sprintf("%d characters in 1 message", n)
	}
	return fmt.Sprintf("%d characters in %d messages", n, len(messages))
}
