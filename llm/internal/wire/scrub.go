package wire

import (
	"net/url"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/llm"
)

const (
	masked       = "[api key]"
	minSecretLen = 8 // shorter keys are placeholders; taking them out would garble every text
)

// scrub takes the key out of an error's s, and what may be one in the query of the
// address: whole and in the forms of hideForms, with its middle masked or left out, and
// each run of it that is long enough to be of use.
func (e *Endpoint) scrub(s string) string {
	for _, key := range append([]string{e.key}, e.queryKeys...) {
		s = hideRuns(scrubKey(hideForms(s, key), key), key)
	}
	return s
}

// scrubAnswer takes the same keys out of an answer, which is not searched for parts of
// them: it may be long, and a part of a word that is not the key must stay.
func (e *Endpoint) scrubAnswer(resp *llm.Response) {
	for _, key := range append([]string{e.key}, e.queryKeys...) {
		for _, s := range []*string{&resp.Text, &resp.ID, &resp.Model, &resp.Hint, &resp.Advice} {
			*s = hideForms(*s, key)
		}
	}
}

// queryKeys are the values of a query that are secret by their names: ?key=, ?api_key=,
// ?access_token=, ?sig=.
func queryKeys(query url.Values) []string {
	var keys []string
	for name, values := range query {
		if name = strings.ToLower(name); containsAny(name, "key", "token", "secret", "sig", "password", "code") {
			keys = append(keys, values...)
		}
	}
	slices.Sort(keys)
	return keys
}

func containsAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s, p) })
}

// scrubKey takes a key out of s: whole, or with its middle masked as in
// "sk-ab****wxyz".
func scrubKey(s, key string) string {
	if len(key) < minSecretLen || s == "" {
		return s
	}
	s = strings.ReplaceAll(s, key, masked)
	if !strings.Contains(s, "**") {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		i := strings.Index(s, "**")
		if i < 0 {
			break
		}
		j := i + len(s[i:]) - len(strings.TrimLeft(s[i:], "*"))
		before := sharedSuffix(s[:i], key)
		after := sharedPrefix(s[j:], key)
		if before+after < 3 {
			b.WriteString(s[:j])
		} else {
			b.WriteString(s[:i-before])
			b.WriteString(masked)
			j += after
		}
		s = s[j:]
	}
	b.WriteString(s)
	return b.String()
}

// sharedSuffix is the length of the longest end of s that begins key.
func sharedSuffix(s, key string) int {
	for n := min(len(s), len(key)); n > 0; n-- {
		if strings.HasSuffix(s, key[:n]) {
			return n
		}
	}
	return 0
}

// sharedPrefix is the length of the longest start of s that ends key.
func sharedPrefix(s, key string) int {
	for n := min(len(s), len(key)); n > 0; n-- {
		if strings.HasPrefix(s, key[len(key)-n:]) {
			return n
		}
	}
	return 0
}
