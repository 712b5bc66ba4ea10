package wire

import (
	"runtime/debug"
	"testing"
)

func TestAgentOf(t *testing.T) {
	info := &debug.BuildInfo{Main: debug.Module{Path: "example.com/own"}, Deps: []*debug.Module{{Path: module, Version: "v1.2.3"}}}
	if got := agentOf(info, true); got != "pawl/v1.2.3 (github.com/pawlrun/pawl)" {
		t.Errorf("a program with Pawl says %q", got)
	}
}
