package replay

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// minLimit is the smallest limit that a request is shortened to.
const minLimit = 256

// MaxTokens returns the limit for the next attempt at a model, which is sent, journaled
// and reserved: the question's, else the model's default, see llm.LimitOf.
//
// It is doubled for each answer that was cut short, in earlier rounds too, since the same
// call again would end as it did, and up to the most that the model takes by itself. An
// answer that took more than the limit, which its server did not keep or was not sent,
// counts with what it took.
//
// What the server says that it takes at most bounds it, from then on.
//
// A request that the provider would not have, be it for its limit, begins anew with the
// first one. Servers count the limit as part of what is too long; so if that was the
// first one or less, and it is not known that the model can write so much, a quarter of
// it is left.
func (h History) MaxTokens(s host.Step, model string) int {
	of := llm.LimitOf(model)
	first := h.first(s, model)
	limit := of.First(authored(s))
	for _, a := range h.Attempts {
		if a.MostTokens > 0 {
			of.Most, limit = min(of.Most, a.MostTokens), min(limit, a.MostTokens)
		}
		switch {
		case a.Error == nil:
		case a.Error.Kind == pawl.ErrorKind(llm.Truncated):
			limit = max(limit, min(2*max(limit, taken(a)), of.Most))
		case isOversized(a.Error.Kind) && limit <= first && !of.Known && limit/4 >= minLimit:
			limit /= 4
		case isOversized(a.Error.Kind), a.Error.Kind == pawl.ErrorKind(llm.Invalid):
			limit = first
		}
	}
	return limit
}

// first is the limit of a first attempt, by all that is known by now.
func (h History) first(s host.Step, model string) int {
	first := llm.LimitOf(model).First(authored(s))
	for _, a := range h.Attempts {
		if a.MostTokens > 0 {
			first = min(first, a.MostTokens)
		}
	}
	return first
}

// changesLimit reports whether the last attempt leads to another limit than its own.
func (h History) changesLimit(s host.Step, model string) bool {
	last := len(h.Attempts) - 1
	sent := (History{Attempts: h.Attempts[:last]}).MaxTokens(s, model)
	if most := h.Attempts[last].MostTokens; most > 0 {
		sent = min(sent, most)
	}
	return h.MaxTokens(s, model) != sent
}

// shortens reports whether the next attempt has a smaller limit than the first one had.
func (h History) shortens(s host.Step, model string) bool {
	return s.Ask != nil && h.MaxTokens(s, model) < h.first(s, model)
}

func authored(s host.Step) int {
	if s.Ask == nil {
		return 0
	}
	return s.Ask.MaxTokens
}

// taken is how many tokens an answer is known to have taken. Where nobody counted them
// its text tells, with four bytes to a token, which English has.
func taken(a journal.Attempt) int {
	switch {
	case a.Usage != nil:
		return int(min(a.Usage.OutputTokens, maxTaken))
	case a.Raw != nil:
		return len(*a.Raw) / 4
	}
	return 0
}

// maxTaken bounds what is believed of a server's count.
const maxTaken = 1 << 30

// isOversized reports whether a request was refused since it is too long.
func isOversized(k pawl.ErrorKind) bool {
	return k == pawl.ErrorKind(llm.ContextLength) || k == pawl.ErrorKind(llm.TooLarge)
}
