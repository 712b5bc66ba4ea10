package server_test

import (
	"bytes"
	"flag"
	"os"
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
