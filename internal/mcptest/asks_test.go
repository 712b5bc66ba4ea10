//lint:file-ignore SA1019 the suite asks for sampling and roots, which the protocol has deprecated

package mcptest

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// What a fixture asks its client. As Pawl's tools do, it answers a call with what it wants to
// know, and for clients of 2025-11-25 the library asks.

func form(message, schema string) *mcp.ElicitParams {
	return &mcp.ElicitParams{Message: message, RequestedSchema: json.RawMessage(schema)}
}

// fieldForm asks for one value.
func fieldForm(message, name, kind string) *mcp.ElicitParams {
	return form(message, `{"type":"object","properties":{"`+name+`":{"type":"`+kind+`"}},"required":["`+name+`"]}`)
}

func sample(prompt string) *mcp.CreateMessageParams {
	return &mcp.CreateMessageParams{Messages: []*mcp.SamplingMessage{{Role: "user", Content: words("%s", prompt)}}, MaxTokens: 100}
}

// filled is what a person has filled in; nil: nothing that is accepted.
func filled(all mcp.InputResponseMap, name string) map[string]any {
	if r, ok := all[name].(*mcp.ElicitResult); ok && r.Action == "accept" {
		return r.Content
	}
	return nil
}

// text is the value of a field of a form.
func text(all mcp.InputResponseMap, name, field string) string {
	s, _ := filled(all, name)[field].(string)
	return s
}

// sampled is what a client's model has said.
func sampled(all mcp.InputResponseMap, name string) string {
	if r, ok := all[name].(*mcp.CreateMessageWithToolsResult); ok {
		for _, c := range r.Content {
			if t, ok := c.(*mcp.TextContent); ok {
				return t.Text
			}
		}
	}
	return ""
}

// asks is the handler of a tool that asks until done has an answer; empty: not yet.
func asks(requests mcp.InputRequestMap, done func(mcp.InputResponseMap) string) mcp.ToolHandler {
	return func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if said := done(r.Params.InputResponses); said != "" {
			return answer("%s", said), nil
		}
		return &mcp.CallToolResult{InputRequests: requests, RequestState: seal("asked")}, nil
	}
}

// sealing is the key of states; a client brings them back.
var sealing = []byte(rand.Text())

func seal(state string) string {
	h := hmac.New(sha256.New, sealing)
	h.Write([]byte(state))
	return state + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// unseal returns a state that was sealed here. It refuses another one as an error of the protocol.
func unseal(sealed string) (string, error) {
	state, _, _ := strings.Cut(sealed, ".")
	if !hmac.Equal([]byte(sealed), []byte(seal(state))) {
		return "", &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: "requestState was changed"}
	}
	return state, nil
}

// confirms asks for a confirmation, and takes it with the state that it gave alone.
func confirms(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	if len(r.Params.InputResponses) > 0 {
		if _, err := unseal(r.Params.RequestState); err != nil {
			return nil, err
		}
		if filled(r.Params.InputResponses, "confirm") != nil {
			return answer("state-ok"), nil
		}
	}
	return &mcp.CallToolResult{InputRequests: mcp.InputRequestMap{"confirm": fieldForm("Please confirm", "ok", "boolean")}, RequestState: seal("confirm")}, nil
}

// twice asks in two rounds; what the first one came to is in the state.
func twice(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	if r.Params.RequestState == "" {
		return &mcp.CallToolResult{InputRequests: mcp.InputRequestMap{"step1": fieldForm("What is your name?", "name", "string")}, RequestState: seal("first")}, nil
	}
	state, err := unseal(r.Params.RequestState)
	if err != nil {
		return nil, err
	}
	if state == "first" {
		return &mcp.CallToolResult{InputRequests: mcp.InputRequestMap{"step2": fieldForm("Which colour do you like?", "color", "string")}, RequestState: seal("second " + text(r.Params.InputResponses, "step1", "name"))}, nil
	}
	return answer("%s likes %s", strings.TrimPrefix(state, "second "), text(r.Params.InputResponses, "step2", "color")), nil
}

// able asks what the client says it can be asked.
func able(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	if len(r.Params.InputResponses) > 0 {
		return answer("answered"), nil
	}
	requests := mcp.InputRequestMap{}
	if caps := r.ClientCapabilities(); caps != nil {
		if caps.Elicitation != nil {
			requests["user_name"] = fieldForm("What is your name?", "name", "string")
		}
		if caps.Sampling != nil {
			requests["greeting"] = sample("Say hello.")
		}
		if caps.RootsV2 != nil {
			requests["client_roots"] = &mcp.ListRootsParams{}
		}
	}
	if len(requests) == 0 {
		return answer("there is nothing that this client can be asked"), nil
	}
	return &mcp.CallToolResult{InputRequests: requests}, nil
}

// Forms with a default for each sort of field, and with each sort of choice.
const (
	defaults = `{"type":"object","properties":{
		"name":{"type":"string","default":"John Doe"}, "age":{"type":"integer","default":30}, "score":{"type":"number","default":95.5},
		"status":{"type":"string","enum":["active","inactive","pending"],"default":"active"}, "verified":{"type":"boolean","default":true}}}`
	enums = `{"type":"object","properties":{
		"untitledSingle":{"type":"string","enum":["option1","option2","option3"]},
		"titledSingle":{"type":"string","oneOf":[{"const":"value1","title":"First Option"},{"const":"value2","title":"Second Option"},{"const":"value3","title":"Third Option"}]},
		"legacyEnum":{"type":"string","enum":["opt1","opt2","opt3"],"enumNames":["Option One","Option Two","Option Three"]},
		"untitledMulti":{"type":"array","minItems":1,"maxItems":3,"items":{"type":"string","enum":["option1","option2","option3"]}},
		"titledMulti":{"type":"array","minItems":1,"maxItems":3,"items":{"anyOf":[{"const":"value1","title":"First Option"},{"const":"value2","title":"Second Option"},{"const":"value3","title":"Third Option"}]}}}}`
)

// addAsking adds the tools, and a prompt, that ask their client.
func addAsking(s *mcp.Server) {
	name := fieldForm("What is your name?", "name", "string")
	named := asks(mcp.InputRequestMap{"user_name": name}, func(all mcp.InputResponseMap) string { return text(all, "user_name", "name") })
	chosen := func(r *mcp.ElicitParams) mcp.ToolHandler {
		return asks(mcp.InputRequestMap{"form": r}, func(all mcp.InputResponseMap) string {
			if r, ok := all["form"].(*mcp.ElicitResult); ok {
				said, _ := json.Marshal(r.Content)
				return "action=" + r.Action + " content=" + string(said)
			}
			return ""
		})
	}
	said := asks(mcp.InputRequestMap{"capital_question": sample("What is the capital of France?")}, func(all mcp.InputResponseMap) string { return sampled(all, "capital_question") })
	roots := mcp.InputRequestMap{"client_roots": &mcp.ListRootsParams{}}
	tool(s, "test_elicitation", chosen(fieldForm("Who are you?", "username", "string")))
	tool(s, "test_elicitation_sep1034_defaults", chosen(form("Of each sort one", defaults)))
	tool(s, "test_elicitation_sep1330_enums", chosen(form("Choose", enums)))
	tool(s, "test_sampling", said)
	tool(s, "test_input_required_result_elicitation", named)
	tool(s, "test_input_required_result_sampling", said)
	tool(s, "test_input_required_result_list_roots", asks(roots, func(all mcp.InputResponseMap) string {
		if r, ok := all["client_roots"].(*mcp.ListRootsResult); ok && len(r.Roots) > 0 {
			return r.Roots[0].URI
		}
		return ""
	}))
	tool(s, "test_input_required_result_multiple_inputs", asks(mcp.InputRequestMap{"user_name": name, "greeting": sample("Say hello."), "client_roots": roots["client_roots"]}, func(all mcp.InputResponseMap) string {
		if _, ok := all["client_roots"].(*mcp.ListRootsResult); !ok || sampled(all, "greeting") == "" || text(all, "user_name", "name") == "" {
			return ""
		}
		return sampled(all, "greeting") + " " + text(all, "user_name", "name")
	}))
	tool(s, "test_input_required_result_request_state", confirms)
	tool(s, "test_input_required_result_tampered_state", confirms)
	tool(s, "test_input_required_result_multi_round", twice)
	tool(s, "test_input_required_result_capabilities", able)
	s.AddPrompt(&mcp.Prompt{Name: "test_input_required_result_prompt", Description: "A fixture of the conformance suite."}, func(_ context.Context, r *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		if said := text(r.Params.InputResponses, "user_context", "context"); said != "" {
			return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user", Content: words("%s", said)}}}, nil
		}
		return &mcp.GetPromptResult{InputRequests: mcp.InputRequestMap{"user_context": fieldForm("What is it about?", "context", "string")}}, nil
	})
}
