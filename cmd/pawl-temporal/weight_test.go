package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestWeight holds that Temporal's SDK is in the program that wants it, and in no other.
func TestWeight(t *testing.T) {
	for name, wants := range map[string]bool{"../pawl-temporal": true, "../pawl": false} {
		out, err := exec.Command("go", "list", "-deps", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		if has := strings.Contains(string(out), "go.temporal.io/sdk/"); has != wants {
			t.Errorf("%s stands on Temporal's SDK: %v, want %v", name, has, wants)
		}
	}
}
