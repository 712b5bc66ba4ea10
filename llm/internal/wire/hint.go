package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/pawlrun/pawl/llm"
)

// finish makes the *llm.Error that leaves the adapter: sorted, with a hint, in one
// readable line, without the key.
func (e *Endpoint) finish(ctx context.Context, req llm.Request, err error) *llm.Error {
	var found *llm.Error
	if !errors.As(err, &found) {
		found = e.transportError(ctx, err)
	}
	out := *found // options' errors are shared between calls
	if out.Hint == "" {
		out.Hint = e.hint(req, &out)
	}
	out.Message = e.scrub(Brief(e.scrub(out.Message))) // what Brief joins, and what it cuts
	out.Code = e.scrub(Brief(e.scrub(out.Code)))
	out.RequestID = e.scrub(Brief(e.scrub(out.RequestID)))
	out.Model = e.modelName(out.Model)
	out.Hint = e.scrub(out.Hint)
	out.Usage = e.finishTier(out.Usage)
	out.Partial = e.scrub(out.Partial)
	if out.Err != nil && e.scrub(out.Err.Error()) != out.Err.Error() {
		out.Err = nil
	}
	return &out
}

// modelName is the name of the model that answered, which is the server's word for it.
func (e *Endpoint) modelName(reported string) string { return e.scrub(Brief(e.scrub(reported))) }

// hint says what a person can do, or nothing.
func (e *Endpoint) hint(req llm.Request, err *llm.Error) string {
	if err.Code == "model_not_found" {
		return fmt.Sprintf("check the name of the model: this account does not know or may not use %q", req.Model)
	}
	switch err.Kind {
	case llm.Auth:
		if err.Status == http.StatusForbidden {
			return fmt.Sprintf("check what this %s may do: its project, permissions and region (%s)", e.names.APIKey, e.account)
		}
		return fmt.Sprintf("set %s to a valid key (%s)", e.names.APIKey, e.account)
	case llm.Quota:
		return fmt.Sprintf("add credit or raise the limit of this account (%s)", e.account)
	case llm.RateLimit:
		return "run fewer calls at once, or raise the rate limit of this account"
	case llm.ContextLength:
		return fmt.Sprintf("the request has %s; shorten it, or choose a model with a larger context", size(req.Messages))
	case llm.TooLarge:
		return fmt.Sprintf("the request has %s; shorten it, set a smaller max_tokens, or raise the limit of this account (%s)", size(req.Messages), e.account)
	case llm.Truncated:
		switch most := e.MostTokens(req.Model); {
		case most > 0 && most <= req.MaxTokens:
			return fmt.Sprintf("ask for a shorter answer: the server takes a limit of at most %d tokens, and reasoning counts too", most)
		case req.MaxTokens > 0:
			return fmt.Sprintf("raise max_tokens: it is %d, and reasoning counts too", req.MaxTokens)
		}
		return "ask for a shorter answer, or set a larger max_tokens"
	case llm.Filtered:
		return "reword what the prompt says or carries: the same request will be stopped again"
	case llm.Refused:
		return "reword the prompt, or ask another model"
	case llm.Invalid:
		if isUnknownModel(err.Message) || err.Status == http.StatusNotFound && req.Model != "" && strings.Contains(err.Message, req.Model) {
			return fmt.Sprintf("check the name of the model: this server (%s) does not have %q", e.account, req.Model)
		}
		if err.Status == http.StatusNotFound || err.Status/100 == 3 {
			return e.checkAddress()
		}
	}
	return ""
}

// checkAddress is for answers of another path than was meant.
func (e *Endpoint) checkAddress() string { return "check " + e.names.BaseURL + ": " + e.vendor.Shape }

// AddressHint is for answers that are none: perhaps the server is not the one that
// was meant.
func (e *Endpoint) AddressHint() string { return "if this stays, check " + e.names.BaseURL }

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
