package responsestest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
)

// violation is a rule that a request broke.
type violation struct {
	status  int
	code    string
	param   string
	message string
}

func refuse(param, format string, args ...any) *violation {
	return &violation{status: 400, code: "invalid_request", param: param, message: fmt.Sprintf(format, args...)}
}

func (v *violation) String() string {
	if v.param == "" {
		return v.message
	}
	return v.param + ": " + v.message
}

func (v *violation) reply() Reply {
	return Reply{kind: kindFailure, failure: failure{status: v.status, code: v.code, param: v.param, message: v.message}}
}

// checkFields holds a body's fields against those that the API knows, and fills
// into. Fields that are known and not allowed need something that a stateless text
// request must not have.
func checkFields(body []byte, known func(field string) (exists, allowed bool), into any) *violation {
	var fields map[string]json.RawMessage
	if err := decode(body, &fields); err != nil {
		return refuse("", "we could not parse the JSON body of your request: %v", err)
	}
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		switch exists, allowed := known(field); {
		case !exists:
			v := refuse(field, "unknown parameter: '%s'", field)
			v.code = "unknown_parameter"
			return v
		case !allowed:
			v := refuse(field, "unsupported parameter: '%s' is not supported with this model", field)
			v.code = "unsupported_parameter"
			return v
		}
	}
	if err := json.Unmarshal(body, into); err != nil {
		return refuse("", "invalid type: %v", err)
	}
	return nil
}

// checkSchema checks what is sent with a schema, and fills c from it.
func checkSchema(at, name string, strict bool, schema json.RawMessage, c *Call) *violation {
	switch {
	case !regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`).MatchString(name):
		return refuse(at+".name", "'%s' does not match '^[a-zA-Z0-9_-]{1,64}$'", name)
	case !strict:
		return refuse(at+".strict", "this test server wants strict schemas")
	}
	c.SchemaName, c.Schema, c.JSON = name, schema, true
	if problem := CheckStrict(schema); problem != nil {
		v := refuse(at+".schema", "invalid schema for response_format '%s': %v", name, problem)
		v.code = "invalid_json_schema"
		return v
	}
	return nil
}

// decode reads exactly one JSON value.
func decode(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("there is more after the first value")
	}
	return nil
}

func decodeStrict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
