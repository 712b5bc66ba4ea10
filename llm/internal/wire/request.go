package wire

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/llm"
)

// CheckRequest finds what is wrong with a request before anything is sent.
func CheckRequest(req llm.Request) error {
	switch {
	case req.Model == "":
		return invalid("the request names no model")
	case req.MaxTokens < 0:
		return invalid(fmt.Sprintf("max tokens is %d, wants 0 or more", req.MaxTokens))
	case req.Temperature != nil && !(*req.Temperature >= 0 && *req.Temperature <= 2):
		return invalid(fmt.Sprintf("the temperature is %v, wants 0 to 2", *req.Temperature))
	case req.Effort != "" && !slices.Contains(llm.Efforts(), req.Effort):
		return invalid(fmt.Sprintf("the effort is %q, wants one of %s", req.Effort, strings.Join(llm.Efforts(), ", ")))
	case len(req.Messages) == 0:
		return invalid("the request has no messages")
	}
	for i, msg := range req.Messages {
		for _, part := range msg.Parts {
			if part.Type != llm.PartText {
				return invalid(fmt.Sprintf("message %d has a part of type %q; only %q can be sent", i+1, part.Type, llm.PartText))
			}
		}
		switch msg.Role {
		case llm.RoleSystem, llm.RoleUser, llm.RoleAssistant:
		default:
			return invalid(fmt.Sprintf("message %d has the unknown role %q", i+1, msg.Role))
		}
	}
	return nil
}

// strictForm returns the name and the strict form of the request's schema, which must
// not be nil.
func (d Dialect) strictForm(req llm.Request) (name string, strict json.RawMessage, err error) {
	name = req.SchemaName
	if name == "" {
		name = "answer"
	}
	if !validSchemaName(name) {
		return "", nil, invalid(fmt.Sprintf("schema name %q: wants 1 to 64 of A-Z a-z 0-9 _ -", name))
	}
	strict, err = d.vendor.Form(req.Schema)
	if err != nil {
		return "", nil, &llm.Error{Kind: llm.Invalid, Message: fmt.Sprintf("schema %q: %v", name, err), Err: err}
	}
	return name, strict, nil
}

func validSchemaName(s string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	return len(s) >= 1 && len(s) <= 64 && strings.Trim(s, letters) == ""
}

func invalid(message string) error {
	return &llm.Error{Kind: llm.Invalid, Message: message}
}

// CheckSchema returns what in a request's schema the vendor cannot hold, or nil; see
// llm.SchemaChecker.
func (e *Endpoint) CheckSchema(req llm.Request) error {
	if req.Schema == nil {
		return nil
	}
	_, err := e.vendor.Form(req.Schema)
	return err
}
