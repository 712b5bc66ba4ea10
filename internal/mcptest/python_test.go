package mcptest

import (
	"os/exec"
	"testing"
)

// A client in another language comes from a list of flows to a document, over both ways and in
// both eras, whether its person is asked or not; what its person declines stays open; and it
// finds the run of a call that it has given up.
func TestPython(t *testing.T) {
	python := set(t, "PAWL_MCP_PYTHON")
	base, token := serve(t, t.TempDir(), "--allow-decisions")
	for _, mode := range []string{"legacy", "2026-07-28"} {
		for _, asked := range []string{"accept", "decline", "cancel", "nobody"} {
			dir := t.TempDir()
			command := pawlCommand(t, dir, "mcp", "--allow-decisions").Args
			for way, where := range map[string][]string{"stdio": command, "http": {base + "/mcp", token}} {
				t.Run(way+" "+mode+" "+asked, func(t *testing.T) {
					t.Parallel() // it waits for a second
					cmd := exec.CommandContext(t.Context(), python, append([]string{"testdata/client.py", mode, asked}, where...)...)
					cmd.Env = environment(dir)
					if said, err := cmd.CombinedOutput(); err != nil {
						t.Errorf("%v\n%s", err, said)
					}
				})
			}
		}
	}
}
