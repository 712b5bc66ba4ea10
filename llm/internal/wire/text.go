package wire

import (
	"bytes"
	"html"
	"mime"
	"strings"
	"unicode"

	most "github.com/pawlrun/pawl/internal/limits"
)

// maxMessage is how much of a provider's message is kept, in characters.
const maxMessage = most.MessageChars

// Brief makes one line of s: printable, white space folded, not endless.
func Brief(s string) string {
	if len(s) > 8*maxMessage {
		s = s[:8*maxMessage]
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxMessage {
		return string(r[:maxMessage]) + "..."
	}
	return s
}

// describe says what a body is that is not the JSON we know. Of a page, as gateways
// send it, that is the title.
func describe(contentType string, body []byte) string {
	if !isWebPage(contentType, body) {
		return Brief(string(body[:min(len(body), 8*maxMessage)]))
	}
	if title := between(string(body), "<title>", "</title>"); title != "" {
		return "a web page titled " + `"` + Brief(html.UnescapeString(title)) + `"`
	}
	return "a web page"
}

// isWebPage reports whether a body is a page for people, by what it is called or by how
// it begins.
func isWebPage(contentType string, body []byte) bool {
	media, _, _ := mime.ParseMediaType(contentType)
	return media == "text/html" || isPage(body)
}

func isPage(body []byte) bool {
	head := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 64)]))
	return bytes.HasPrefix(head, []byte("<!doctype")) || bytes.HasPrefix(head, []byte("<html"))
}

// isGatewayPage knows the pages of Cloudflare, which stands before many APIs and turns
// calls away that it takes for a robot's: "Just a moment...", "Attention Required!".
func isGatewayPage(body []byte) bool {
	lower := bytes.ToLower(body)
	return isPage(body) && (bytes.Contains(lower, []byte("cloudflare")) || bytes.Contains(lower, []byte("/cdn-cgi/")))
}

// between finds the text between two tags, which are given in lower case.
func between(s, open, end string) string {
	// ToLower may change lengths outside ASCII, so it must not: map bytes.
	lower := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
	i := strings.Index(lower, open)
	if i < 0 || len(lower) != len(s) {
		return ""
	}
	i += len(open)
	j := strings.Index(lower[i:], end)
	if j < 0 {
		return ""
	}
	return s[i : i+j]
}
