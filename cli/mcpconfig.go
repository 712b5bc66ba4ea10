package cli

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl/internal/mcpserver"
	"github.com/pawlrun/pawl/server"
)

// clients are the clients of MCP whose configuration is known, and how it is written.
var clients = []struct {
	name, where string
	config      func(startsServer) any
}{
	{"claude-code", ".mcp.json in a project, for all who work there; `claude mcp add-json pawl '{...}'` with what stands at pawl is the same for you alone", func(s startsServer) any {
		return mcpServers{map[string]startsServer{"pawl": s.typed()}}
	}},
	{"claude-desktop", "claude_desktop_config.json, which Settings, Developer, Edit Config opens", func(s startsServer) any {
		return mcpServers{map[string]startsServer{"pawl": s}}
	}},
	{"cursor", ".cursor/mcp.json in a project, or ~/.cursor/mcp.json for all", func(s startsServer) any {
		return mcpServers{map[string]startsServer{"pawl": s.typed()}}
	}},
	{"vscode", ".vscode/mcp.json in a workspace", func(s startsServer) any {
		return struct {
			Servers map[string]startsServer `json:"servers"`
		}{map[string]startsServer{"pawl": s.typed()}}
	}},
	{"plain", "whatever starts a server of MCP by a command", func(s startsServer) any { return s }},
}

func clientNames() (names []string) {
	for _, c := range clients {
		names = append(names, c.name)
	}
	return names
}

// startsServer is how a client starts a server.
type startsServer struct {
	Type    string   `json:"type,omitempty"`
	Command string   `json:"command"`
	Args    []string `json:"args"`
}

func (s startsServer) typed() startsServer {
	s.Type = "stdio"
	return s
}

type mcpServers struct {
	Servers map[string]startsServer `json:"mcpServers"`
}

// printClientConfig prints what a client is to be told, with the data directory and the flags
// that were given.
func (a *app) printClientConfig(flags *pflag.FlagSet, o mcpOptions) error {
	for _, client := range clients {
		if client.name != o.config {
			continue
		}
		command, err := os.Executable()
		if err != nil {
			command = a.program
		}
		dir, err := a.dataDir()
		if err != nil {
			return err
		}
		if dir, err = filepath.Abs(dir); err != nil {
			return err
		}
		// A client starts it with another working directory, and with few variables.
		s := startsServer{Command: command, Args: append([]string{"mcp", "--data", dir}, configured(flags)...)}
		if !a.quiet && !a.json {
			a.say("For %s. The client must pass on the variables that models want, see %s.", client.where, a.command("help", "environment"))
		}
		return a.printJSON(client.config(s))
	}
	return unknown("client", o.config, clientNames(), fmt.Sprintf("--print-config wants one of %v", clientNames()))
}

// configured are the flags that were given, but for what a configuration says by itself, and
// for who is told: its address may be a secret.
func configured(flags *pflag.FlagSet) (words []string) {
	flags.Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "print-config", "data", "json", "quiet", "color", "no-input", "help", "notify", "notify-secrets":
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			for _, v := range list.GetSlice() {
				words = append(words, "--"+f.Name, v)
			}
			return
		}
		if f.Value.Type() == "bool" {
			words = append(words, "--"+f.Name+"="+f.Value.String())
			return
		}
		words = append(words, "--"+f.Name, f.Value.String())
	})
	return words
}

// agentOf is who sends a request to /mcp.
func agentOf(r *http.Request) mcpserver.Actor {
	actor := server.ActorOf(r.Context())
	return mcpserver.Actor{Name: actor.Name, Start: actor.Role == server.RoleStarter, Operate: actor.Role == server.RoleOperator}
}
