//lint:file-ignore SA1019 the suite asks for sampling, roots and logging, which the protocol has deprecated

package mcptest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// What the suite asks for is described in its own pages, scenario by scenario: `conformance list
// --server` names them. Nothing of this is in the command.

// tool adds a tool that takes any object.
func tool(s *mcp.Server, name string, f mcp.ToolHandler) {
	toolWith(s, name, `{"type":"object"}`, f)
}

func toolWith(s *mcp.Server, name, schema string, f mcp.ToolHandler) {
	s.AddTool(&mcp.Tool{Name: name, Description: "A fixture of the conformance suite.", InputSchema: json.RawMessage(schema)}, f)
}

// says is the handler of a tool that answers the same each time.
func says(content ...mcp.Content) mcp.ToolHandler {
	return func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{Content: content}, nil
	}
}

func words(format string, args ...any) mcp.Content {
	return &mcp.TextContent{Text: fmt.Sprintf(format, args...)}
}

func answer(format string, args ...any) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{words(format, args...)}}
}

// A picture of one pixel, and a sound of no length.
var (
	pixel   = decoded("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==")
	silence = decoded("UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=")
)

func decoded(text string) []byte {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return data
}

func embedded(uri, text string) mcp.Content {
	return &mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: uri, MIMEType: "text/plain", Text: text}}
}

// wideSchema has words of JSON Schema 2020-12 that are to reach a client as they are.
const wideSchema = `{
	"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
	"$defs": {"address": {"$anchor": "addressDef", "type": "object", "properties": {"street": {"type": "string"}, "city": {"type": "string"}}}},
	"properties": {"name": {"type": "string"}, "address": {"$ref": "#/$defs/address"}, "contactMethod": {"type": "string", "enum": ["phone", "email"]}, "phone": {"type": "string"}, "email": {"type": "string"}},
	"allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
	"if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
	"then": {"required": ["phone"]}, "else": {"required": ["email"]}, "additionalProperties": false
}`

// addTools adds the tools that answer by themselves.
func addTools(s *mcp.Server) {
	image := &mcp.ImageContent{Data: pixel, MIMEType: "image/png"}
	tool(s, "test_simple_text", says(words("This is a simple text response for testing.")))
	tool(s, "test_image_content", says(image))
	tool(s, "test_audio_content", says(&mcp.AudioContent{Data: silence, MIMEType: "audio/wav"}))
	tool(s, "test_embedded_resource", says(embedded("test://embedded-resource", "This is an embedded resource")))
	tool(s, "test_multiple_content_types", says(words("This is text content"), image, embedded("test://embedded-in-multiple", "This is an embedded resource")))
	tool(s, "test_streaming_elicitation", says(words("Results alone are in this stream.")))
	toolWith(s, "json_schema_2020_12_tool", wideSchema, says(words("called")))
	toolWith(s, "test_x_mcp_header", `{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"level":{"type":"integer"}}}`, says(words("called")))
	tool(s, "test_error_handling", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		result := answer("This tool fails, as it is to.")
		result.IsError = true
		return result, nil
	})
	tool(s, "test_tool_with_progress", func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for _, n := range []float64{0, 50, 100} {
			if err := r.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: r.Params.GetProgressToken(), Progress: n, Total: 100}); err != nil {
				return nil, err
			}
		}
		return answer("%v", r.Params.GetProgressToken()), nil
	})
	logs := func(all ...string) mcp.ToolHandler {
		return func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			for _, text := range all {
				if err := r.Session.Log(ctx, &mcp.LoggingMessageParams{Level: "info", Data: text}); err != nil {
					return nil, err
				}
			}
			return answer("logged"), nil
		}
	}
	tool(s, "test_tool_with_logging", logs("Tool execution started", "Tool processing data", "Tool execution completed"))
	tool(s, "test_logging_tool", logs("for those alone who have asked for a level"))
	tool(s, "test_missing_capability", func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if caps := r.ClientCapabilities(); caps != nil && caps.Sampling != nil {
			return answer("the client can sample"), nil
		}
		return nil, &jsonrpc.Error{Code: mcp.CodeMissingRequiredClientCapabilities, Message: "this wants a client that can sample", Data: json.RawMessage(`{"requiredCapabilities":{"sampling":{}}}`)}
	})
	tool(s, "test_reconnection", func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if r.Extra != nil && r.Extra.CloseSSEStream != nil {
			r.Extra.CloseSSEStream(mcp.CloseSSEStreamArgs{RetryAfter: 10 * time.Millisecond})
		}
		return answer("The client has come back."), nil
	})
	tool(s, "test_trigger_tool_change", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		tool(s, "transient_tool", says(words("here")))
		return answer("changed"), nil
	})
	tool(s, "test_trigger_prompt_change", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		addPrompt(s, "transient_prompt", nil, func(map[string]string) []mcp.Content { return nil })
		return answer("changed"), nil
	})
}

// addPrompt adds a prompt that wants its arguments.
func addPrompt(s *mcp.Server, name string, arguments []string, f func(map[string]string) []mcp.Content) {
	p := &mcp.Prompt{Name: name, Description: "A fixture of the conformance suite."}
	for _, a := range arguments {
		p.Arguments = append(p.Arguments, &mcp.PromptArgument{Name: a, Description: "An argument.", Required: true})
	}
	s.AddPrompt(p, func(_ context.Context, r *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		result := &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{}}
		for _, c := range f(r.Params.Arguments) {
			result.Messages = append(result.Messages, &mcp.PromptMessage{Role: "user", Content: c})
		}
		return result, nil
	})
}

func addPrompts(s *mcp.Server) {
	addPrompt(s, "test_simple_prompt", nil, func(map[string]string) []mcp.Content {
		return []mcp.Content{words("This is a simple prompt for testing.")}
	})
	addPrompt(s, "test_prompt_with_arguments", []string{"arg1", "arg2"}, func(a map[string]string) []mcp.Content {
		return []mcp.Content{words("Prompt with arguments: arg1='%s', arg2='%s'", a["arg1"], a["arg2"])}
	})
	addPrompt(s, "test_prompt_with_embedded_resource", []string{"resourceUri"}, func(a map[string]string) []mcp.Content {
		return []mcp.Content{embedded(a["resourceUri"], "Embedded resource content for testing."), words("Please process the embedded resource above.")}
	})
	addPrompt(s, "test_prompt_with_image", nil, func(map[string]string) []mcp.Content {
		return []mcp.Content{&mcp.ImageContent{Data: pixel, MIMEType: "image/png"}, words("Please analyze the image above.")}
	})
}

func addResources(s *mcp.Server) {
	read := func(c mcp.ResourceContents) mcp.ResourceHandler {
		return func(_ context.Context, r *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
			of := c
			of.URI = r.Params.URI
			return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{&of}}, nil
		}
	}
	const about, plain = "A fixture of the conformance suite.", "text/plain"
	s.AddResource(&mcp.Resource{URI: "test://static-text", Name: "static-text", Description: about, MIMEType: plain}, read(mcp.ResourceContents{MIMEType: plain, Text: "This is the content of the static text resource."}))
	s.AddResource(&mcp.Resource{URI: "test://static-binary", Name: "static-binary", Description: about, MIMEType: "image/png"}, read(mcp.ResourceContents{MIMEType: "image/png", Blob: pixel}))
	s.AddResource(&mcp.Resource{URI: "test://watched-resource", Name: "watched-resource", Description: about, MIMEType: plain}, read(mcp.ResourceContents{MIMEType: plain, Text: "It is watched."}))
	s.AddResourceTemplate(&mcp.ResourceTemplate{URITemplate: "test://template/{id}/data", Name: "template", Description: about, MIMEType: "application/json"},
		func(_ context.Context, r *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
			id := strings.TrimSuffix(strings.TrimPrefix(r.Params.URI, "test://template/"), "/data")
			return read(mcp.ResourceContents{MIMEType: "application/json", Text: fmt.Sprintf(`{"id":%q,"templateTest":true}`, id)})(nil, r)
		})
}
