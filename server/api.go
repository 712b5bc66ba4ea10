package server

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/pawlrun/pawl"
)

// prefix is where the API's routes are.
const prefix = "/api/v1"

// maxBody is how many bytes a request may have: a value of a run, and what is around it.
const maxBody = 16 << 20

func newAPI(s *Server) huma.API {
	registry := huma.NewMapRegistry("#/components/schemas/", nameSchema)
	registry.RegisterTypeAlias(reflect.TypeFor[pawl.Time](), timeType)
	bearer := &huma.SecurityScheme{Type: "http", Scheme: "bearer", Description: "A token, see docs/api.md."}
	cookie := &huma.SecurityScheme{Type: "apiKey", In: "cookie", Name: cookiePrefix + "PORT", Description: "What a browser gets for the token in the address that the command prints."}
	return humago.New(router{s.mux}, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI:    "3.1.0",
			Info:       &huma.Info{Title: "Pawl", Version: "v1", Description: "Runs of flows: start them, look at them, decide on them. docs/api.md has each route with a command line."},
			Components: &huma.Components{Schemas: registry, SecuritySchemes: map[string]*huma.SecurityScheme{"token": bearer, "cookie": cookie}},
			Security:   []map[string][]string{{"token": {}}, {"cookie": {}}},
		},
		Formats: huma.DefaultFormats, DefaultFormat: "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{ours},
	})
}

// router registers routes. A step's key has slashes, and takes the rest of a path:
// escaped or as they are.
type router struct{ *http.ServeMux }

func (r router) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	r.ServeMux.HandleFunc(strings.Replace(pattern, "{key}", "{key...}", 1), h)
}

// operation is a route.
func operation(method, path, id, summary string) huma.Operation {
	return huma.Operation{Method: method, Path: prefix + path, OperationID: id, Summary: summary, MaxBodyBytes: maxBody, BodyReadTimeout: 30 * time.Second}
}

// route registers a route for those who have a role. What its function returns as an
// error is answered as a problem.
func route[I, O any](s *Server, op huma.Operation, need Role, f func(context.Context, *I) (*O, error)) {
	op.Middlewares = append(huma.Middlewares{s.guard(need)}, op.Middlewares...)
	op.Description = strings.TrimSpace(op.Description + "\n\nNeeds the role " + string(need) + ".")
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, s.o.Patience)
		defer cancel()
		out, err := f(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
}

// problem returns what a route answers instead.
func (s *Server) problem(ctx context.Context, err error) *Problem {
	if ctx.Err() == context.DeadlineExceeded {
		return newProblem(&pawl.Error{Kind: "timeout", Message: "the request took longer than the server waits; what was asked for may still be done", Err: err})
	}
	p := newProblem(err)
	if p.Status == http.StatusInternalServerError {
		s.log.Error("a request failed", "kind", string(p.Kind), "error", p.Detail)
	}
	return p
}

// guard lets those through who have a role.
func (s *Server) guard(need Role) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		actor, p := s.admit(r, need)
		if p == nil && need != roleKnown {
			p = actor.checkScope(r)
		}
		if p != nil {
			p.write(w)
			return
		}
		next(huma.WithContext(ctx, withActor(r.Context(), actor)))
	}
}

// body is an answer that is a record.
type body[T any] struct {
	Body T
}

func bodyOf[T any](v T) *body[T] { return &body[T]{Body: v} }

// InRun names a run in a path.
type InRun struct {
	Run pawl.RunID `path:"run" doc:"The run's id: the whole of it." minLength:"1" maxLength:"64"`
}

// InStep names a step in a path.
type InStep struct {
	InRun
	Key pawl.Key `path:"key" doc:"The step's key. Escape # and ?; slashes and brackets may be escaped or not." maxLength:"4096"`
}

// notFound answers what has no route.
func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	if s.o.Page != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.Path != "/api" && !strings.HasPrefix(r.URL.Path, "/api/") {
		s.o.Page.ServeHTTP(w, r)
		return
	}
	if r.URL.Path == "/" && r.Method == http.MethodGet {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintf(w, "Runs are served under %s; %s/openapi.json lists the routes.\n", prefix, prefix)
		return
	}
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = m
		if _, pattern := s.mux.Handler(other); pattern != "/" && pattern != "" {
			allowed = append(allowed, m)
		}
	}
	p := newProblem(&pawl.Error{Kind: pawl.ErrNotFound, Message: "there is no such route; " + prefix + "/openapi.json lists them"})
	if len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		p.Status, p.Title, p.Kind, p.Detail = http.StatusMethodNotAllowed, http.StatusText(http.StatusMethodNotAllowed), pawl.ErrInput, "this route takes "+strings.Join(allowed, ", ")
	}
	p.write(w)
}
