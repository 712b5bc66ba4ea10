package openaiwire

import (
	"net/url"
	"slices"
	"strings"
)

const (
	masked       = "[api key]"
	minSecretLen = 8 // shorter keys are placeholders; taking them out would garble every text
)

// scrub takes the key out of s, and what may be one in the query of the address.
func (e *Endpoint) scrub(s string) string {
	s = scrubKey(s, e.key)
	for _, key := range e.queryKeys {
		s = scrubKey(s, key)
	}
	return s
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
