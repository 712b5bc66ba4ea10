package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// hideForms takes a key out of s wherever it stands whole: as it is, escaped for JSON,
// percent-encoded, in base64, and with characters inside that nobody sees.
func hideForms(s, key string) string {
	if len(key) < minSecretLen || s == "" {
		return s
	}
	for _, form := range formsOf(key) {
		s = strings.ReplaceAll(s, form, masked)
	}
	return hideThrough(s, key)
}

// formsOf returns a key as it may be written, the key itself first.
func formsOf(key string) []string {
	quoted, _ := json.Marshal(key)
	var upper, lower strings.Builder
	for i := range len(key) {
		fmt.Fprintf(&upper, "%%%02X", key[i])
		fmt.Fprintf(&lower, "%%%02x", key[i])
	}
	b := base64.StdEncoding.EncodeToString([]byte(key))
	u := base64.URLEncoding.EncodeToString([]byte(key))
	return []string{key, strings.Trim(string(quoted), `"`), url.QueryEscape(key), url.PathEscape(key), upper.String(), lower.String(),
		b, u, strings.TrimRight(b, "="), strings.TrimRight(u, "=")}
}

// hideThrough takes a key out of s that has invisible characters inside, and those with it.
func hideThrough(s, key string) string {
	if strings.IndexFunc(s, isInvisible) < 0 {
		return s
	}
	var seen strings.Builder
	var at []int // where in s each byte that is seen stands
	for i, r := range s {
		if isInvisible(r) {
			continue
		}
		for j := range len(string(r)) {
			at = append(at, i+j)
		}
		seen.WriteRune(r)
	}
	visible, out, from := seen.String(), strings.Builder{}, 0
	for begin := 0; ; {
		i := strings.Index(visible[begin:], key)
		if i < 0 {
			out.WriteString(s[from:])
			return out.String()
		}
		i += begin
		begin = i + len(key)
		out.WriteString(s[from:at[i]])
		out.WriteString(masked)
		from = at[begin-1] + 1
	}
}

// isInvisible reports whether a character shows nothing: Brief takes it out, and what it
// stood between is joined.
func isInvisible(r rune) bool { return !unicode.IsPrint(r) && !unicode.IsSpace(r) }

// minRun is how many characters of a key in a row are of use to somebody else.
const minRun = 12

// hideRuns takes out each run of a key that has so many characters: of one that was cut, or
// whose middle was left out.
func hideRuns(s, key string) string {
	if len(key) < 2*minRun || len(s) < minRun {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		n := 0
		if i+minRun <= len(s) {
			if at := strings.Index(key, s[i:i+minRun]); at >= 0 {
				for n = minRun; i+n < len(s) && at+n < len(key) && s[i+n] == key[at+n]; n++ {
				}
			}
		}
		if n == 0 {
			out.WriteByte(s[i])
			i++
			continue
		}
		out.WriteString(masked)
		i += n
	}
	return out.String()
}
