package llm

import "github.com/pawlrun/pawl/schema"

// Request is one question to a model.
type Request struct {
	// Model is the name within the provider: "gpt-5.4-mini", not
	// "openai/gpt-5.4-mini"; see Split.
	Model    string
	Messages []Message

	// Schema is the shape the answer must have; nil asks for plain text. The
	// adapter sends the form that its vendor can enforce. The caller checks the
	// answer against the full schema whatever the vendor promised.
	Schema *schema.Schema

	// SchemaName names the schema on the wire: 1 to 64 of A-Z a-z 0-9 _ -.
	// Empty means "answer".
	SchemaName string

	// MaxTokens bounds the answer, reasoning included; 0 leaves it to the provider. An
	// engine sets it for every request, see Limit.
	MaxTokens int

	// Temperature is how much chance decides, 0 to 2; nil leaves it to the provider.
	// Reasoning models refuse it.
	Temperature *float64

	// Effort is how much a reasoning model thinks before it answers, one of Efforts;
	// empty leaves it to the provider.
	Effort string

	// Meta travels with the request for logs and test models. It is never sent.
	Meta Meta
}

// Efforts returns what Request.Effort may be, from the least to the most. Not every model
// knows all of them.
func Efforts() []string {
	return []string{"none", "minimal", "low", "medium", "high", "xhigh", "max"}
}

// Meta says on whose behalf a request is made.
type Meta struct {
	Run     string
	Key     string
	Attempt int // 1, 2, 3 ... over all rounds of a step

	// Since is the first of the attempts that this one stands for: of those right before
	// it whose outcome nobody saw, since their process ended; else Attempt itself. Whoever
	// keeps what was asked can find it by that.
	Since int

	// Gates names what the answer is checked for ("250 to 400 words"), in the
	// order of the checks, so that a test model can meet it. It is part of no
	// digest and of no journal.
	Gates []string
}

// Response is a complete, unrefused answer.
type Response struct {
	Text  string
	Model string // as the provider reports it; may be empty
	ID    string // the provider's id of this answer; may be empty
	Usage *Usage // nil: the provider did not say

	// Requests is how many requests to the server the attempt took, where it took more
	// than one; 0: one, or not known.
	Requests int

	// MostTokens is the most that the server takes as Request.MaxTokens, as it has said;
	// 0: it has not. No more was sent, whatever the request set.
	MostTokens int

	// Advice says, for people, what can be done if the answer is of no use since its server
	// seems to ignore the schema; empty: it does not seem so.
	Advice string

	// Hint says what the server does not take and was asked without, for people. It is
	// said by one answer for each model and change; may be empty.
	Hint string
}

// Usage is what one attempt took.
type Usage struct {
	InputTokens  int64 `json:"input_tokens"`  // cached tokens included
	OutputTokens int64 `json:"output_tokens"` // reasoning tokens included
	CachedTokens int64 `json:"cached_tokens"` // part of InputTokens: read from the provider's cache

	// CacheWriteTokens is the part of InputTokens that was written into the provider's
	// cache, with providers that bill it apart; none of it is in CachedTokens.
	CacheWriteTokens int64 `json:"cache_write_tokens,omitempty"`

	// Batch says that they were taken by a batch, which providers sell cheaper; see Price.
	Batch bool `json:"batch,omitempty"`

	// ServiceTier is the class of service that answered, in the provider's word, in lower
	// case: "default" or "standard", "flex", "priority". Most cost otherwise, see Price.
	// Empty: it did not say.
	ServiceTier string `json:"service_tier,omitempty"`

	// UnboundedTokens is the part of OutputTokens that Request.MaxTokens does not bound:
	// the reasoning, with vendors that count it beside the answer (xAI). It is in no journal.
	UnboundedTokens int64 `json:"-"`
}

// Reaches reports whether an answer took all the tokens that a request let it have, so
// that it is taken to be cut short, whatever its server calls it. A limit of 0 is none, and
// a nil Usage reaches none.
func (u *Usage) Reaches(maxTokens int) bool {
	return u != nil && maxTokens > 0 && u.OutputTokens-u.UnboundedTokens >= int64(maxTokens)
}
