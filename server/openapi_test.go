package server_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"github.com/pawlrun/pawl"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/openapi.json anew")

// docs/openapi.json is what the server serves.
func TestOpenAPIIsCurrent(t *testing.T) {
	h := open(t, "", nil)
	a := h.ask(vera, "GET", "/api/v1/openapi.json", nil)
	if a.StatusCode != 200 || !bytes.Equal(a.text, h.server.OpenAPI()) {
		t.Fatalf("%d: %s", a.StatusCode, a.text)
	}
	const file = "../docs/openapi.json"
	if *update {
		if err := os.WriteFile(file, a.text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(committed, a.text) {
		t.Errorf("%s is not what the server serves: go test ./server -run OpenAPI -update; %v", file, err)
	}
}

// The document names the values of what has few: those that there are.
func TestOpenAPINamesValues(t *testing.T) {
	h := open(t, "", nil)
	type field struct {
		Enum  []string `json:"enum"`
		Items *field   `json:"items"`
	}
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name   string
				Schema field
			}
		}
		Components struct {
			Schemas map[string]struct{ Properties map[string]field }
		}
	}
	if err := json.Unmarshal(h.server.OpenAPI(), &doc); err != nil {
		t.Fatal(err)
	}
	statuses := fmt.Sprint(pawl.Status("").All())
	for _, p := range doc.Paths["/api/v1/runs"]["get"].Parameters {
		if p.Name == "status" && fmt.Sprint(sorted(p.Schema.Items.Enum)) != fmt.Sprint(sorted(pawl.Status("").All())) {
			t.Errorf("a list is filtered by %v, and there are %s", p.Schema.Items.Enum, statuses)
		}
	}
	for at, want := range map[string]string{
		"RunRecord.status": statuses, "Listed.status": statuses, "StepRecord.status": fmt.Sprint(pawl.StepStatus("").All()),
		"Blocker.kind": fmt.Sprint(pawl.BlockerKind("").All()), "InboxItem.kind": fmt.Sprint(pawl.BlockerKind("").All()),
		"Decision.what": fmt.Sprint(pawl.DecisionKind("").All()), "Action.name": fmt.Sprint(pawl.DecisionKind("").All()),
	} {
		name, of, _ := strings.Cut(at, ".")
		if got := fmt.Sprint(doc.Components.Schemas[name].Properties[of].Enum); got != want {
			t.Errorf("%s is one of %s, want %s", at, got, want)
		}
	}
}

func sorted[T ~string](all []T) []T { return slices.Sorted(slices.Values(all)) }
