package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/docs"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/mcpserver"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/server"
)

// agents is what other agents may do, and which tools they have.
type agents struct {
	decide bool
	tools  []string // "flows", or names of flows, that have a tool of their own
	studio string   // the address of a server; empty: none is known
	secret string   // that signs questions to people; empty: one that nobody else has
}

// allFlows is the word for all flows in --tools.
const allFlows = "flows"

func (a *app) agentFlags(flags *pflag.FlagSet, o *agents) {
	flags.BoolVar(&o.decide, "allow-decisions", false, "let agents decide what waits for a person; one whose client can ask its person has that one decide")
	flags.StringArrayVar(&o.tools, "tools", nil, "give agents a tool of its own for each of the `FLOWS`: flows, which are all, or the name of one; may be given more than once")
}

// serving as an MCP server on standard input and output.
type mcpOptions struct {
	local.WorkOptions
	agents
	config string // the client whose configuration is printed; empty: none
}

func (a *app) mcpCommand() *cobra.Command {
	var o mcpOptions
	c := &cobra.Command{
		Use:   "mcp",
		Short: "Execute runs, and serve them to an agent over MCP",
		Long: "Execute runs as `worker` does, and speak the Model Context Protocol on standard input\n" +
			"and output: a client starts this command, and its agent finds flows, starts runs,\n" +
			"follows them and fetches what came of them. --print-config prints what a client is to\n" +
			"be told. `serve` has the same at /mcp, for clients that connect over HTTP.\n" +
			"\n" +
			"An agent decides nothing unless --allow-decisions lets it. When the client closes the\n" +
			"input, the command ends; runs that are not done stay queued, and whatever works on the\n" +
			"data directory next goes on with them.",
		Example: a.example("mcp", "--print-config", "claude-code") + "\n" + a.example("mcp", "--print-config", "vscode", "--tools", "blog") + "\n" + a.example("mcp", "--allow-decisions", "--studio", "http://127.0.0.1:7295"),
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.Limit < 1 {
				return badInput("--limit is %d, wants 1 or more", o.Limit)
			}
			if err := a.checkTools(o.tools); err != nil {
				return err
			}
			if o.studio != "" && !strings.HasPrefix(o.studio, "http://") && !strings.HasPrefix(o.studio, "https://") {
				return badInput("--studio %q: wants an address, as in http://%s", o.studio, defaultAddr)
			}
			if o.config != "" {
				return a.printClientConfig(c.Flags(), o)
			}
			if a.json {
				return badInput("--json: this command speaks its own protocol on standard output")
			}
			return a.serveAgent(c.Context(), o)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.config, "print-config", "", "print what `CLIENT` is to be told, and end: "+strings.Join(clientNames(), ", "))
	a.agentFlags(flags, &o.agents)
	flags.StringVar(&o.studio, "studio", "", "say in answers that a person sees runs at this `URL`, where serve listens")
	flags.IntVar(&o.Limit, "limit", 16, "execute at most `N` runs at once")
	a.callFlags(flags)
	a.changeFlags(flags)
	a.notifyFlags(flags)
	a.logFlag(flags)
	return c
}

// checkTools refuses a name that is of no flow.
func (a *app) checkTools(tools []string) error {
	for _, name := range tools {
		if name != allFlows && a.flow(name) == nil {
			return unknown("flow", name, a.flowNames(), "--tools wants flows or one of "+strings.Join(a.flowNames(), ", "))
		}
	}
	return nil
}

// lastCalls is how long calls of models in flight have to end after the client has gone.
const lastCalls = 25 * time.Second

// serveAgent serves the client at the other end of standard input and output until it is gone.
func (a *app) serveAgent(ctx context.Context, o mcpOptions) error {
	w, err := a.newWorking(ctx, "mcp", o.WorkOptions)
	if err != nil {
		return err
	}
	if a.interactive && !a.quiet {
		a.stamped("this speaks MCP on standard input; a client starts it, see %s", a.command("help", "mcp"))
	}
	var link func(pawl.RunID) string
	if o.studio != "" {
		link = studioAt(o.studio)
	}
	m := a.newMCP(ctx, w.store, o.agents, link)
	return w.until(func(open context.Context) error {
		err := m.Run(open, a.stdin, a.out)
		patient, cut := context.WithTimeout(ctx, lastCalls)
		defer cut()
		w.store.engine.Close(patient) // what is not done is queued; it is closed once more with the store
		return err
	})
}

// newMCP is the server for agents on a store.
func (a *app) newMCP(ctx context.Context, s *store, o agents, link func(pawl.RunID) string) *mcpserver.Server {
	tools := o.tools
	if slices.Contains(tools, allFlows) {
		tools = a.flowNames()
	}
	return mcpserver.New(ctx, &mcpserver.Options{
		Engine: s.engine, Journal: s.journal, Flows: a.flows, Program: a.ownProgram(), Version: buildVersion().Version, Docs: docs.Pages, Keys: a.keys(),
		AllowDecisions: o.decide, FlowTools: tools, Commands: a.withCommands, Link: link, Secret: []byte(o.secret), Logger: a.serviceLogger(),
		Document: func(file []byte, format string) ([]byte, error) {
			f, err := runfile.Decode(file)
			if err != nil {
				return nil, err
			}
			return a.encode(f, "."+format)
		},
	})
}

// studioAt returns the page of a run on a server with that address.
func studioAt(base string) func(pawl.RunID) string {
	base = strings.TrimRight(base, "/")
	return func(run pawl.RunID) string { return base + "/runs/" + string(run) }
}

// handleAgents serves agents at /mcp of a server.
func (a *app) handleAgents(ctx context.Context, s *server.Server, of *store, o serving) *mcpserver.Server {
	o.agents.secret = o.session
	var link func(pawl.RunID) string
	if o.studio != "" {
		link = studioAt(o.studio)
	}
	m := a.newMCP(ctx, of, o.agents, link)
	s.Handle("/mcp", server.RoleViewer, m.Handler(agentOf))
	return m
}
