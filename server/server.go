package server

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/journal"
)

// Options say what a Server serves, and to whom.
type Options struct {
	Engine  pawl.Engine    // required
	Journal journal.Reader // required: the one that the engine stands on
	Flows   []pawl.Flow    // that runs can be started of, and that say what is sensitive
	Version string         // of the program; may be empty
	Program string         // whose runs are listed and in the inbox, see pawl.RunFilter; empty: of all

	// Authenticate says whose a bearer token is; false: nobody's. Nil: there are none. It
	// is called for each request, from several goroutines.
	Authenticate func(secret string) (Actor, bool)

	// Ticket is a secret that a browser brings as ?token= of the first address that it
	// opens: it gets a cookie for it and is sent on to the address without it. Who has the
	// cookie is Visitor. Empty: there is no such way in.
	Ticket  string
	Visitor Actor

	// Session is the secret in that cookie. A page that stays open while a server ends and
	// another begins goes on if both have the same. Empty: one that nobody else has.
	Session string

	// Hosts are names that the server is reached by, beside localhost, without a port.
	// An address in numbers is let through if it is of this machine, or with Remote any.
	Hosts  []string
	Remote bool

	// CheckHook refuses what a webhook is called with for a run of a flow: it was not signed
	// as it is to be. What its error says is logged, and not told. Nil: whoever has the
	// address may answer.
	CheckHook func(flow string, h http.Header, body []byte) error

	Keys []string // of providers: an export leaves out what quotes one

	// Document makes a document of a run's file, for people to read: format is "md" or
	// "html". Nil: there are none.
	Document func(file []byte, format string) ([]byte, error)

	// Page answers requests to look at what has no route outside the API: the places of
	// a page in a browser. It is asked for anybody, so it is to hold no secret. Nil:
	// there is none.
	Page http.Handler

	// Demo makes the demonstration runs of the program, those that are not there, and
	// returns the ids of all. Nil: there are none.
	Demo func(ctx context.Context) ([]pawl.RunID, error)

	Model    string   // that runs ask whose start names none: pages say so; empty: they do not
	StandIns []string // providers of models whose answers are made up: pages say so

	// Pieces tells the pieces of a run's answers while they arrive, until ctx ends. Nil:
	// streams have none.
	Pieces func(ctx context.Context, run pawl.RunID, tell func(pawl.Piece))

	Rate     float64       // requests in a second that each caller may make on average; 0: 200, negative: no limit
	Streams  int           // that may be open at once; 0: 1024
	Stuck    time.Duration // how long the reader of a stream may take for one event; 0: 10 s
	Patience time.Duration // how long a request may take that is no stream; 0: 1 min
	Drain    time.Duration // how long Serve waits for requests under way when it ends; 0: 25 s

	Logger *slog.Logger // nil: logs nothing
}

// Server is a handler. It is safe for concurrent use.
type Server struct {
	o       Options
	view    *view.View
	mux     *http.ServeMux
	api     huma.API
	session string // the cookie's value
	rates   rates
	hub     *hub
	streams streams
	files   turns
	log     *slog.Logger

	document []byte // OpenAPI
}

// New returns a server. It panics without an engine or a journal.
func New(o *Options) *Server {
	if o.Engine == nil || o.Journal == nil {
		panic("server: Options need an Engine and a Journal")
	}
	s := &Server{o: *o, mux: http.NewServeMux(), log: o.Logger, session: o.Session}
	if s.session == "" {
		s.session = newSecret()
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.o.Rate == 0 {
		s.o.Rate = 200
	}
	if s.o.Streams == 0 {
		s.o.Streams = 1024
	}
	if s.o.Stuck == 0 {
		s.o.Stuck = 10 * time.Second
	}
	if s.o.Patience == 0 {
		s.o.Patience = time.Minute
	}
	if s.o.Drain == 0 {
		s.o.Drain = 25 * time.Second
	}
	s.view = view.New(o.Engine, o.Journal, o.Flows)
	s.hub = newHub(s)
	s.api = newAPI(s)
	s.flowRoutes()
	s.runRoutes()
	s.startRoutes()
	s.stepRoutes()
	s.progressRoutes()
	s.eventRoutes()
	s.streamRoutes()
	s.inboxRoutes()
	s.limitRoutes()
	s.costRoutes()
	s.meRoutes()
	s.demoRoutes()
	s.decisionRoutes()
	s.steerRoutes()
	s.rerunRoutes()
	s.compareRoutes()
	s.fileRoutes()
	s.scheduleRoutes()
	s.healthRoutes()
	s.hookRoutes()
	s.openAPIRoute()
	s.mux.HandleFunc("/", s.notFound)
	return s
}

// Handle adds a handler for a pattern of http.ServeMux. It gets the requests that are
// meant for this server, of those who have the role; [RoleNone]: of everybody, and it is
// to find out itself who they are. It is to be called before the first request.
func (s *Server) Handle(pattern string, need Role, h http.Handler) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		actor, p := s.admit(r, need)
		if p != nil {
			p.write(w)
			return
		}
		h.ServeHTTP(w, r.WithContext(withActor(r.Context(), actor)))
	})
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.recovered(w, r)
	setHeaders(w.Header())
	if isHook(r) {
		s.mux.ServeHTTP(w, r)
		return
	}
	if p := s.checkSource(r); p != nil {
		p.write(w)
		return
	}
	if s.takeTicket(w, r) {
		return
	}
	s.mux.ServeHTTP(w, r)
}

// shownPath is a request's path for a log: the address of a webhook is a secret.
func shownPath(r *http.Request) string {
	if strings.HasPrefix(r.URL.Path, Hooks) {
		return Hooks
	}
	return r.URL.Path
}

// recovered answers a request whose handler has panicked.
func (s *Server) recovered(w http.ResponseWriter, r *http.Request) {
	switch v := recover(); v {
	case nil:
	case http.ErrAbortHandler:
		panic(v)
	default:
		s.log.Error("a request met a defect", "method", r.Method, "path", shownPath(r), "panic", v)
		newProblem(&pawl.Error{Kind: pawl.ErrInternal, Message: "the request met a defect in the server; its log says more"}).write(w)
	}
}
