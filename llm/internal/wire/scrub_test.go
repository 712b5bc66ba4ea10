package wire

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl/llm"
)

func TestScrub(t *testing.T) {
	const key = "sk-proj-abcdefghijklmnop-9XYZ"
	for _, tt := range []struct{ name, key, in, want string }{
		{"whole", key, "key " + key + " is wrong", "key [api key] is wrong"},
		{"twice", key, key + key, "[api key][api key]"},
		{"masked middle", key, "provided: sk-proj-*****9XYZ.", "provided: [api key]."},
		{"masked end", key, "provided: sk-pr*** here", "provided: [api key] here"},
		{"masked start", key, "provided: ********9XYZ, twice ***9XYZ", "provided: [api key], twice [api key]"},
		{"stars of another kind", key, "this is **important** and *this*", "this is **important** and *this*"},
		{"only stars", key, "password: ******", "password: ******"},
		{"stars at the ends", key, "**a** **", "**a** **"},
		{"zero width inside", key, "key sk-proj-abc\u200bdefghijklmnop-\u20609XYZ is wrong", "key [api key] is wrong"},
		{"percent-encoded", "sk/proj+abcdefghijklmnop=9XYZ", "?key=sk%2Fproj%2Babcdefghijklmnop%3D9XYZ&", "?key=[api key]&"},
		{"escaped", `sk"proj\abcdefgh-9XYZ`, `{"key":"sk\"proj\\abcdefgh-9XYZ"}`, `{"key":"[api key]"}`},
		{"base64", key, "Basic c2stcHJvai1hYmNkZWZnaGlqa2xtbm9wLTlYWVo=.", "Basic [api key]."},
		{"cut", key, "key sk-proj-abcdefghij", "key [api key]"},
		{"elided", key, "key sk-proj-abcde...mnop-9XYZ", "key [api key]...mnop-9XYZ"},
		{"no more than the vendor's mark", key, "a key begins with sk-proj-abc", "a key begins with sk-proj-abc"},
		{"placeholder", "ollama", "ollama says no", "ollama says no"},
		{"no key", "", "text", "text"},
		{"no text", key, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := &Endpoint{key: tt.key}
			if got := e.scrub(tt.in); got != tt.want {
				t.Errorf("scrub(%q) = %q, wants %q", tt.in, got, tt.want)
			}
		})
	}
}

// TestScrubAnswer: an answer, and what stands beside it, may quote the key too.
func TestScrubAnswer(t *testing.T) {
	const key = "sk-proj-abcdefghijklmnop-9XYZ"
	e := &Endpoint{key: key, queryKeys: []string{"of-the-query-1234"}}
	resp := llm.Response{Text: "my key is " + key + " and of-the-query-1234", ID: key, Model: "m " + key, Hint: key}
	e.scrubAnswer(&resp)
	for _, s := range []string{resp.Text, resp.ID, resp.Model, resp.Hint} {
		if strings.Contains(s, "abcdefgh") || strings.Contains(s, "1234") {
			t.Errorf("%q has the key", s)
		}
	}
}
