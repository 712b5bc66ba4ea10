package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"pawl": main, "desk": desk})
}

// TestScripts runs the command as people do: each file in testdata/script is one
// behaviour. The commands that are not testscript's own are in commands_test.go
// and server_test.go.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PAWL_DATA", env.WorkDir+"/data")
			env.Setenv("USER", "tester")
			env.Setenv("PAGER", "cat") // nobody is there to leave one
			for name, value := range buildsWith() {
				env.Setenv(name, value)
			}
			flows, err := filepath.Abs("../../flows")
			if err != nil {
				return err
			}
			env.Setenv("FLOWS", flows)
			env.Values[fixtureKey{}] = &fixture{t: env.T().(testing.TB)}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   cmdExits,
			"every":   cmdEvery,
			"value":   cmdValue,
			"assign":  cmdAssign,
			"gates":   cmdGates,
			"sqlite":  cmdSQLite,
			"signal":  cmdSignal,
			"ended":   cmdEnded,
			"stands":  cmdStands,
			"working": cmdWorking,
			"lastly":  cmdLastly,
			"server":  cmdServer,
			"replies": cmdReplies,
			"lists":   cmdLists,
			"calls":   cmdCalls,
			"arrived": cmdArrived,
			"prompt":  cmdPrompt,
			"release": cmdRelease,
			"tty":     cmdTTY,
			"unread":  cmdUnread,
			"widest":  cmdWidest,
		},
	})
}

// buildsWith is where go keeps what it has built and fetched, for scripts that build: their
// home is another one.
var buildsWith = sync.OnceValue(func() map[string]string {
	found := map[string]string{}
	out, err := exec.Command("go", "env", "-json", "GOCACHE", "GOMODCACHE").Output()
	if err == nil {
		err = json.Unmarshal(out, &found)
	}
	if err != nil {
		return nil // there is no go, and those scripts are skipped
	}
	return found
})

type fixtureKey struct{}

// fixture is what one script's commands share.
type fixture struct {
	t      testing.TB
	server *server
	child  child
}

func fixtureOf(ts *testscript.TestScript) *fixture { return ts.Value(fixtureKey{}).(*fixture) }
