package openaiwire

import (
	"net/http"
	"testing"

	"github.com/pawlrun/pawl/llm"
)

// What came as an answer and is of no use was billed as one.
func TestUselessAnswersAreAnswers(t *testing.T) {
	for _, c := range []struct {
		status int
		kind   llm.ErrorKind
		want   bool
	}{
		{200, llm.Overloaded, true}, {200, llm.Filtered, true}, {201, llm.Overloaded, true},
		{503, llm.Overloaded, false}, {400, llm.Filtered, false}, {200, llm.RateLimit, false}, {200, llm.Auth, false}, {200, llm.Quota, false},
	} {
		e := From(&http.Response{StatusCode: c.status, Header: http.Header{}}, &llm.Error{Kind: c.kind})
		if e.Answered != c.want {
			t.Errorf("%d, %s: answered %v", c.status, c.kind, e.Answered)
		}
	}
}
