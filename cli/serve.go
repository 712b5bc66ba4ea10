package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/relay"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/internal/tokens"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/server"
	"github.com/pawlrun/pawl/studio"
)

// defaultAddr is where `serve` listens: 7295 is "pawl" on the keys of a telephone.
const defaultAddr = "127.0.0.1:7295"

// serving is where `serve` is to listen.
type serving struct {
	local.WorkOptions
	agents
	addr    string
	hosts   []string
	secrets string // a file of those of webhooks
	signed  hookSecrets
	openAPI bool
	demo    bool // demonstration runs on a first start

	ticket, session string // by which a browser is let in; empty: by tokens alone
}

func (a *app) serveCommand() *cobra.Command {
	var o serving
	c := &cobra.Command{
		Use:   "serve",
		Short: "Execute runs, and serve them over HTTP",
		Long: "Execute runs as `worker` does, and serve an API over HTTP, under /api/v1, that does\n" +
			"what the command does. The address that is printed has a token, for which a browser\n" +
			"gets a cookie; programs send it, or one that `token add` has made, as Authorization:\n" +
			"Bearer TOKEN. It listens on this machine alone. With another --addr it is reached from\n" +
			"other machines: then only tokens that were made let somebody in. It speaks plain HTTP,\n" +
			"so put a server that speaks TLS before it, and name the --host that it is reached by.\n" +
			"Programs answer what runs wait for at /hooks, see `hook`; with --hook-secrets, or\n" +
			hookSecretVariable + ", their calls must be signed. Agents find flows and runs at /mcp, see `mcp`.",
		Example: a.example("serve") + "\n" + a.example("serve", "--addr", "127.0.0.1:0", "--limit", "4") + "\n" + a.example("serve", "--addr", "0.0.0.0:7295", "--host", "pawl.example.com"),
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.openAPI {
				_, err := a.out.Write(a.newServer(nil, o).OpenAPI())
				return err
			}
			if o.Limit < 1 {
				return badInput("--limit is %d, wants 1 or more", o.Limit)
			}
			for _, host := range o.hosts {
				if host == "" || strings.ContainsAny(host, ":/ ") {
					return badInput("--host %q: wants a name alone, as in pawl.example.com", host)
				}
			}
			if err := a.checkTools(o.tools); err != nil {
				return err
			}
			return a.serve(c.Context(), o)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.addr, "addr", defaultAddr, "listen at `HOST:PORT`; port 0 is a free one")
	flags.StringArrayVar(&o.hosts, "host", nil, "answer requests for this `NAME`, too; may be given more than once")
	flags.StringVar(&o.secrets, "hook-secrets", "", "have calls at /hooks be signed with a secret of this `FILE`: lines of FLOW SECRET")
	flags.IntVar(&o.Limit, "limit", 16, "execute at most `N` runs at once")
	flags.BoolVar(&o.demo, "demo", true, "on the first start in an empty data directory, if no language model is set up, make demonstration runs, which cost nothing; none with --notify, whose receiver would be told, or with --demo=false")
	a.agentFlags(flags, &o.agents)
	a.callFlags(flags)
	a.changeFlags(flags)
	a.notifyFlags(flags)
	a.logFlag(flags)
	flags.BoolVar(&o.openAPI, "openapi", false, "print the API's OpenAPI document, and end")
	return c
}

// serve listens, and then works until it is told to end.
func (a *app) serve(ctx context.Context, o serving) error {
	remote, err := isRemote(o.addr)
	if err != nil {
		return err
	}
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	if remote {
		if err := a.checkTokens(dir, o.addr); err != nil {
			return err
		}
	}
	if o.signed, err = a.hookSecrets(o.secrets); err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("--addr %s: %v", o.addr, err), Hint: "choose another address; port 0 is a free one", Err: err}
	}
	defer l.Close()
	a.operating.serves = true
	first := o.demo && !remote && !a.isSetUp() && a.isFirstStart(dir)
	w, err := a.newWorking(ctx, "serve", o.WorkOptions)
	if err != nil {
		return err
	}
	if !remote {
		o.ticket = rand.Text()
		if o.session, err = tokens.Session(dir); err != nil {
			return err
		}
	}
	if demos := a.demosOf(w.store); first && demos != nil {
		a.demonstrate(ctx, demos)
	}
	a.notifying.link = linkAt(l.Addr(), o.hosts)
	s := a.newServer(w.store, o)
	s.Handle("GET /metrics", server.RoleViewer, w.store.told.export.Serve)
	if base := addressOf(l.Addr(), o.hosts); base != "" {
		o.studio = base
	}
	m := a.handleAgents(ctx, s, w.store, o)
	return w.until(func(ctx context.Context) error {
		defer context.AfterFunc(ctx, m.Close)() // or their streams would be waited for
		a.sayServing(l.Addr(), o.ticket)
		return s.Serve(ctx, l)
	})
}

// isRemote reports whether an address can be reached from other machines.
func isRemote(addr string) (bool, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port == "" {
		return false, badInput("--addr %q: wants HOST:PORT, as in %s", addr, defaultAddr)
	}
	if host == "localhost" {
		return false, nil
	}
	ip, err := netip.ParseAddr(host)
	return err != nil || !ip.IsLoopback(), nil
}

// checkTokens refuses to listen for other machines while nobody has a token.
func (a *app) checkTokens(dir, addr string) error {
	all, err := tokens.Open(dir).List()
	if err != nil {
		return err
	}
	for _, t := range all {
		if !t.Expired(a.now()) {
			return nil
		}
	}
	return &ending{err: &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("--addr %s is reached from other machines, and nobody has a token", addr), Hint: "make one first"},
		next: a.command("token", "add", "NAME", "--role", "operator")}
}

// newServer is the server on a store; nil: it is asked for its document alone.
func (a *app) newServer(s *store, o serving) *server.Server {
	if s == nil {
		j := journal.NewMemory()
		s = &store{engine: local.New(&local.Options{Journal: j}), journal: j}
	}
	remote, _ := isRemote(o.addr)
	log := a.serviceLogger()
	known := tokens.Open(s.dir)
	known.Unread = func(err error) { log.Warn("nobody with a token that was made is let in", "error", err.Error()) }
	return server.New(&server.Options{
		Engine: s.engine, Journal: s.journal, Flows: a.flows, Program: a.ownProgram(), Logger: log, Keys: a.keys(),
		Ticket: o.ticket, Session: o.session, Visitor: server.Actor{Name: a.who(), Role: server.RoleOperator}, Hosts: o.hosts, Remote: remote, Drain: 10 * time.Second,
		Page:      studio.Handler(),
		CheckHook: a.checkHook(o.signed),
		Demo:      a.demosOf(s),
		Model:     a.defaultModel(), StandIns: a.standIns(),
		Authenticate: func(secret string) (server.Actor, bool) {
			t, ok := known.Find(secret)
			return server.Actor{Name: t.Name, Role: server.Role(t.Role), Run: t.Run, Key: t.Step}, ok
		},
		Document: func(file []byte, format string) ([]byte, error) {
			f, err := runfile.Decode(file)
			if err != nil {
				return nil, err
			}
			return a.encode(f, "."+format)
		},
		Pieces: func(ctx context.Context, run pawl.RunID, tell func(pawl.Piece)) { s.tellPieces(ctx, run, tell) },
	})
}

// tellPieces tells the pieces of a run's answers, wherever it is executed, until ctx ends.
func (s *store) tellPieces(ctx context.Context, run pawl.RunID, tell func(pawl.Piece)) {
	heard := relay.Connect(ctx, s.dir, run)
	defer heard.Close()
	for {
		select {
		case <-heard.Ready():
			for _, p := range heard.Take() {
				tell(p)
			}
		case <-ctx.Done():
			return
		}
	}
}

// sayServing prints where the server is reached.
func (a *app) sayServing(at net.Addr, ticket string) {
	to := url.URL{Scheme: "http", Host: at.String(), Path: "/"}
	bare := to.String()
	if ticket != "" {
		to.RawQuery = url.Values{"token": {ticket}}.Encode()
	}
	if a.json {
		_ = a.printJSONLine(struct {
			URL   string `json:"url"`
			Addr  string `json:"addr"`
			Token string `json:"token"`
		}{to.String(), at.String(), ticket}) // plain values; a sink does not fail
		return
	}
	fmt.Fprintln(a.out, to.String())
	if !a.quiet {
		a.stamped("serving at %s", strings.TrimSuffix(bare, "/"))
	}
}
