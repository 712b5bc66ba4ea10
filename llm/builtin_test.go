package llm

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write builtin.go anew from prices.json")

// The prices that come with the program are those of prices.json.
func TestBuiltinPrices(t *testing.T) {
	raw, err := os.ReadFile("prices.json")
	if err != nil {
		t.Fatal(err)
	}
	prices, err := ParsePrices(raw, "prices.json")
	if err != nil {
		t.Fatal(err)
	}
	code, err := codeOf(prices)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("builtin.go", code, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if is, err := os.ReadFile("builtin.go"); err != nil || !bytes.Equal(is, code) {
		t.Errorf("builtin.go is not made from prices.json: %v; go test ./llm -run Builtin -update", err)
	}
	if got := DefaultPrices(); len(got) < 10 || !reflect.DeepEqual(got, prices) {
		t.Errorf("the prices that are built in are %v, wants %v", got, prices)
	}
	other := DefaultPrices()
	delete(other, "offline/*")
	if _, is := DefaultPrices()["offline/*"]; !is {
		t.Error("who changes what DefaultPrices returns changes it for others")
	}
}

// codeOf writes prices as a Go file.
func codeOf(p Prices) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// Code generated from prices.json by go test ./llm -run Builtin -update; DO NOT EDIT.\n\npackage llm\n\n" +
		"// builtin returns the prices of prices.json, which is not parsed at a program's start.\nfunc builtin() Prices {\n\treturn Prices{\n")
	for _, model := range slices.Sorted(maps.Keys(p)) {
		fmt.Fprintf(&b, "%q: %s,\n", model, literal(p[model]))
	}
	b.WriteString("\t}\n}\n")
	return format.Source(b.Bytes())
}

// literal writes a price, of which it knows every field that is there.
func literal(p Price) string {
	var fields []string
	v := reflect.ValueOf(p)
	for i := range v.NumField() {
		f := v.Field(i)
		if f.IsZero() {
			continue
		}
		text := ""
		switch value := f.Interface().(type) {
		case float64:
			text = number(value)
		case *float64:
			text = "new(" + number(*value) + ")"
		case *Price:
			text = "&Price" + literal(*value)
		case map[string]float64:
			var each []string
			for _, name := range slices.Sorted(maps.Keys(value)) {
				each = append(each, strconv.Quote(name)+": "+number(value[name]))
			}
			text = "map[string]float64{" + strings.Join(each, ", ") + "}"
		default:
			text = fmt.Sprintf("%#v", value)
		}
		fields = append(fields, v.Type().Field(i).Name+": "+text)
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// number writes a number that Go takes for a float64.
func number(f float64) string {
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
