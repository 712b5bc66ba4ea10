package server

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cost"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/schedule"
	"github.com/pawlrun/pawl/schema"
)

var timeType = reflect.TypeFor[time.Time]()

// names are those of schemas whose types are called like another one's.
var names = map[reflect.Type]string{
	reflect.TypeFor[cost.Report](): "CostReport", reflect.TypeFor[cost.Sum](): "CostSum",
	reflect.TypeFor[view.Request](): "SentRequest",
	reflect.TypeFor[view.Step]():    "StepDetail",

	reflect.TypeFor[scheduleBody]():    "ScheduleRequest",
	reflect.TypeFor[schedule.Record](): "Schedule",

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
			settleEnum(t, name, p)
			switch {
			case p.Type == huma.TypeArray:
				p.Nullable = false
			case p.Format == "date-time" && string(empty[name]) == "null" && (!always[name] || isPointer(t, name)):
				p.Nullable = true
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

// isPointer reports whether a field of a type, by its name as JSON, may be left empty.
func isPointer(t reflect.Type, name string) bool {
	for _, f := range reflect.VisibleFields(t) {
		if schema.FieldName(f) == name {
			return f.Type.Kind() == reflect.Pointer
		}
	}
	return false
}

// always are times that each record has, where they are no pointers.
var always = map[string]bool{"at": true, "created_at": true, "updated_at": true, "since": true, "until": true}

// enums are the values of types that have few.
var enums = map[reflect.Type][]any{
	reflect.TypeFor[pawl.Status]():       values(pawl.Status("").All()),
	reflect.TypeFor[pawl.StepStatus]():   values(pawl.StepStatus("").All()),
	reflect.TypeFor[pawl.BlockerKind]():  values(pawl.BlockerKind("").All()),
	reflect.TypeFor[pawl.DecisionKind](): values(pawl.DecisionKind("").All()),
}

func values[T ~string](of []T) (all []any) {
	for _, v := range of {
		all = append(all, string(v))
	}
	return all
}

// settleEnum says of a field of a type, by its name as JSON, which values it has if these
// are few.
func settleEnum(t reflect.Type, name string, p *huma.Schema) {
	for _, f := range reflect.VisibleFields(t) {
		all := enums[f.Type]
		if all == nil || len(p.Enum) > 0 || schema.FieldName(f) != name {
			continue
		}
		if t == reflect.TypeFor[schedule.LastRun]() {
			all = append([]any{""}, all...) // its run was removed
		}
		p.Enum = all
		p.PrecomputeMessages()
	}
}
