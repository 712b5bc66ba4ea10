package server

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pawlrun/pawl/internal/view"
)

var timeType = reflect.TypeFor[time.Time]()

// names are those of schemas whose types are called like another one's.
var names = map[reflect.Type]string{
	reflect.TypeFor[view.Request](): "SentRequest",
	reflect.TypeFor[view.Step]():    "StepDetail",

	reflect.TypeFor[blocker]():    "OpenBlocker",
	reflect.TypeFor[decision]():   "DecisionRequest",
	reflect.TypeFor[Limits]():     "BudgetRequest",
	reflect.TypeFor[limitBody]():  "LimitRequest",
	reflect.TypeFor[startBody]():  "StartRequest",
	reflect.TypeFor[rerunBody]():  "RerunRequest",
	reflect.TypeFor[forkBody]():   "ForkRequest",
	reflect.TypeFor[resumeBody](): "ResumeRequest",
}

func nameSchema(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if name := names[t]; name != "" {
		return name
	}
	name := huma.DefaultSchemaNamer(t, hint)
	if name == "" {
		return name
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// settle makes the document say what the records are: lists are never null, and where a
// field may be it says so.
func settle(doc *huma.OpenAPI) {
	schemas := doc.Components.Schemas
	for name, s := range schemas.Map() {
		t := schemas.TypeFromRef("#/components/schemas/" + name)
		for t != nil && t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t == nil || t.Kind() != reflect.Struct {
			continue
		}
		text, err := json.Marshal(reflect.New(t).Interface()) // what is null in it may be
		var empty map[string]json.RawMessage
		if err != nil || json.Unmarshal(text, &empty) != nil {
			continue
		}
		for name, p := range s.Properties {
			switch {
			case p.Type == huma.TypeArray:
				p.Nullable = false
			case p.Ref != "" && string(empty[name]) == "null":
				s.Properties[name] = &huma.Schema{AnyOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}}
			}
		}
	}
	problem := schemas.Schema(reflect.TypeFor[Problem](), true, "")
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete} {
			if op == nil {
				continue
			}
			if op.SkipValidateBody {
				op.RequestBody.Content = map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Description: "A run as a file: lines of JSON."}}}
			}
			for _, param := range op.Parameters {
				param.Schema.Nullable = false
			}
			for code, r := range op.Responses {
				if code == "default" || code[0] == '4' || code[0] == '5' {
					delete(op.Responses, code)
				}
				for _, media := range r.Content {
					if media.Schema != nil && media.Schema.Type == huma.TypeArray {
						media.Schema.Nullable = false
					}
				}
			}
			op.Responses["default"] = &huma.Response{Description: "What is wrong.", Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problem}}}
		}
	}
	delete(schemas.Map(), "ErrorModel")
	delete(schemas.Map(), "ErrorDetail")
}
