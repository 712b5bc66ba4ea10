package responsestest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/schema"
)

// Where the Gemini API stands: {base}/models/NAME:generateContent, where the base is
// GeminiURL with the version behind it.
const (
	geminiModels = "/v1beta/models/"
	geminiPlain  = ":generateContent"
	geminiStream = ":streamGenerateContent"
)

type geminiAPI struct{}

func (geminiAPI) name() string { return Gemini }

func (geminiAPI) at(path string) bool {
	return strings.HasPrefix(path, geminiModels) && (strings.HasSuffix(path, geminiPlain) || strings.HasSuffix(path, geminiStream))
}

// GeminiURL is the base URL of the Gemini API: what goes into GOOGLE_GEMINI_BASE_URL.
func (s *Server) GeminiURL() string { return s.http.URL }

func (geminiAPI) authorize(r *http.Request, c *Call) *violation {
	if c.APIKey = r.Header.Get("X-Goog-Api-Key"); c.APIKey == "" {
		v := refuse("", "method doesn't allow unregistered callers; please use an API key")
		v.status, v.code = http.StatusForbidden, "PERMISSION_DENIED"
		return v
	}
	if r.Header.Get("Authorization") != "" {
		return refuse("", "an Authorization header beside the API key")
	}
	return nil
}

type geminiRequest struct {
	Contents []geminiContent `json:"contents"`
	System   *geminiContent  `json:"systemInstruction"`
	Config   struct {
		Temperature *float64        `json:"temperature"`
		MaxTokens   *int            `json:"maxOutputTokens"`
		Media       string          `json:"responseMimeType"`
		Schema      json.RawMessage `json:"responseJsonSchema"`
		Thinking    *struct {
			Level  *string `json:"thinkingLevel"`
			Budget *int    `json:"thinkingBudget"`
		} `json:"thinkingConfig"`
	} `json:"generationConfig"`
}

type geminiContent struct {
	Role  string `json:"role"`
	Parts []struct {
		Text *string `json:"text"`
	} `json:"parts"`
}

func (c geminiContent) text(at string) (string, *violation) {
	var b strings.Builder
	for i, p := range c.Parts {
		if p.Text == nil {
			return "", refuse(fmt.Sprintf("%s.parts[%d]", at, i), "required oneof field 'data' must have one initialized field")
		}
		b.WriteString(*p.Text)
	}
	if len(c.Parts) == 0 {
		return "", refuse(at+".parts", "must include at least one parts field")
	}
	return b.String(), nil
}

func (geminiAPI) parse(r *http.Request, body []byte, c *Call) *violation {
	model, stream := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, geminiModels), geminiStream)
	c.Model, c.Stream = strings.TrimSuffix(model, geminiPlain), stream
	if want := map[bool]string{true: "alt=sse"}[stream]; r.URL.RawQuery != want {
		return refuse("", "unexpected query %q, wants %q", r.URL.RawQuery, want)
	}
	var req geminiRequest
	if err := decodeStrict(body, &req); err != nil {
		return refuse("", "invalid JSON payload received: %v", err)
	}
	if v := parseTurns(req, c); v != nil {
		return v
	}
	return parseGeminiConfig(req, c)
}

func parseTurns(req geminiRequest, c *Call) *violation {
	if req.System != nil {
		text, v := req.System.text("systemInstruction")
		if v != nil {
			return v
		}
		c.Messages = append(c.Messages, Message{Role: "system", Text: text})
	}
	last := ""
	for i, turn := range req.Contents {
		at := fmt.Sprintf("contents[%d]", i)
		role := map[string]string{"user": "user", "model": "assistant"}[turn.Role]
		switch {
		case role == "":
			return refuse(at+".role", "please use a valid role: user, model")
		case role == last:
			return refuse(at+".role", "roles are to alternate here: %s again", turn.Role)
		}
		text, v := turn.text(at)
		if v != nil {
			return v
		}
		last = role
		c.Messages = append(c.Messages, Message{Role: role, Text: text})
	}
	if len(req.Contents) == 0 {
		return refuse("contents", "contents is not specified")
	}
	return nil
}

func parseGeminiConfig(req geminiRequest, c *Call) *violation {
	config := req.Config
	if config.MaxTokens != nil {
		if c.MaxTokens = *config.MaxTokens; c.MaxTokens < 1 {
			return refuse("generationConfig.maxOutputTokens", "must be positive, but got %d", c.MaxTokens)
		}
	}
	if config.Thinking != nil {
		level, budget := config.Thinking.Level, config.Thinking.Budget
		switch {
		case level != nil && budget != nil:
			return refuse("generationConfig.thinkingConfig", "you can only set one of thinking budget and thinking level")
		case level != nil && !slices.Contains([]string{"MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"}, *level):
			return refuse("generationConfig.thinkingConfig.thinkingLevel", "invalid value: %q", *level)
		case level != nil:
			c.Effort = strings.ToLower(*level)
		case budget != nil:
			c.Effort = fmt.Sprint(*budget)
		}
	}
	if v := parseSettings(config.Temperature, "", nil, c); v != nil {
		return v
	}
	switch config.Media {
	case "", "text/plain":
	case "application/json":
		c.JSON = true
	default:
		return refuse("generationConfig.responseMimeType", "%q is not allowed", config.Media)
	}
	if len(config.Schema) == 0 {
		return nil
	}
	if !c.JSON {
		return refuse("generationConfig.responseJsonSchema", "response_schema is only supported with response mime type application/json")
	}
	ordered, err := inOrder(config.Schema)
	if err != nil {
		return refuse("generationConfig.responseJsonSchema", "%v", err)
	}
	c.Schema = ordered
	return nil
}

// geminiKeywords are those of responseJsonSchema, as documented, without the ones that
// we have no use for. Bounds of lists are left out: they are refused where they add up.
var geminiKeywords = []string{"type", "format", "description", "enum", "items", "minimum", "maximum", "anyOf", "properties", "additionalProperties", "required", "propertyOrdering"}

// inOrder checks a schema, and returns it with the properties of its objects in the order
// that propertyOrdering says, without the keyword.
func inOrder(raw json.RawMessage) (json.RawMessage, error) {
	members, err := schema.Members(raw)
	if err != nil {
		return raw, nil // true, false
	}
	var order, required []string
	var properties []schema.Member
	for i, m := range members {
		if !slices.Contains(geminiKeywords, m.Name) {
			return nil, fmt.Errorf("the keyword %q is not supported", m.Name)
		}
		switch m.Name {
		case "propertyOrdering":
			err = json.Unmarshal(m.Value, &order)
		case "required":
			err = json.Unmarshal(m.Value, &required)
		case "items":
			members[i].Value, err = inOrder(m.Value)
		case "anyOf":
			members[i].Value, err = branches(m.Value)
		case "properties":
			properties, err = schema.Members(m.Value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	if properties == nil {
		return writeObject(members), nil
	}
	return orderProperties(members, properties, order, required)
}

func orderProperties(members, properties []schema.Member, order, required []string) (json.RawMessage, error) {
	if len(order) != len(properties) || !slices.Equal(order, required) {
		return nil, fmt.Errorf("there are %d properties, propertyOrdering has %q, required %q", len(properties), order, required)
	}
	var kept []schema.Member
	for i, name := range order {
		p := &properties[i]
		if p.Name != name {
			return nil, fmt.Errorf("property %d is %q, propertyOrdering has %q", i, p.Name, name)
		}
		var err error
		if p.Value, err = inOrder(p.Value); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, m := range members {
		switch m.Name {
		case "propertyOrdering":
		case "properties":
			kept = append(kept, schema.Member{Name: m.Name, Value: writeObject(properties)})
		default:
			kept = append(kept, m)
		}
	}
	return writeObject(kept), nil
}

func branches(raw json.RawMessage) (json.RawMessage, error) {
	var list []json.RawMessage
	err := json.Unmarshal(raw, &list)
	for i := range list {
		if err == nil {
			list[i], err = inOrder(list[i])
		}
	}
	if err != nil {
		return nil, err
	}
	return mustJSON(list), nil
}

func writeObject(members []schema.Member) json.RawMessage {
	var b strings.Builder
	for i, m := range members {
		if i > 0 {
			b.WriteString(",")
		}
		b.Write(mustJSON(m.Name))
		b.WriteString(":")
		b.Write(m.Value)
	}
	return json.RawMessage("{" + b.String() + "}")
}
