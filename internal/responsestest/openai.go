package responsestest

import (
	"cmp"
	"net/http"
	"strings"
)

// failure is an error as a script or a check says it.
type failure struct {
	status    int
	typ, code string
	param     string
	message   string
}

// openAI is what both of OpenAI's APIs have alike.
type openAI struct{}

func (openAI) failure(f failure) map[string]any {
	return map[string]any{"error": map[string]any{
		"message": f.message, "type": cmp.Or(f.typ, errorType(f.status, f.code)), "param": orNull(f.param), "code": orNull(f.code),
	}}
}

func errorType(status int, code string) string {
	switch {
	case code == "insufficient_quota":
		return "insufficient_quota"
	case status == http.StatusTooManyRequests:
		return "requests"
	case status >= 500:
		return "server_error"
	}
	return "invalid_request_error"
}

func (openAI) authorize(r *http.Request, c *Call) *violation {
	key, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	c.APIKey = key
	if !bearer || strings.TrimSpace(key) == "" {
		v := refuse("", "you didn't provide an API key in an Authorization header using Bearer auth")
		v.status, v.code = http.StatusUnauthorized, ""
		return v
	}
	return noQuery(r)
}

// authorize takes calls without a key, too, as local servers do.
func (a chatAPI) authorize(r *http.Request, c *Call) *violation {
	if r.Header.Get("Authorization") == "" {
		return noQuery(r)
	}
	return a.openAI.authorize(r, c)
}

func noQuery(r *http.Request) *violation {
	if r.URL.RawQuery != "" {
		return refuse("", "unexpected query %q", r.URL.RawQuery)
	}
	return nil
}
