package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/runfile"
)

type exportRun struct {
	InRun
	Format string   `query:"format" enum:"json,md,html" default:"json" doc:"json is to build on, md and html are to be read."`
	Redact []string `query:"redact,explode" doc:"Leave out what this names: KEY, KEY:PATH, input:PATH or output:PATH. May be repeated."`
}

type exported struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Withheld    int    `header:"Pawl-Withheld" doc:"How many payloads are left out."`
	Body        []byte
}

// runFile is the file of a run in a request.
type runFile struct {
	RawBody []byte `contentType:"application/json"`
}

func (s *Server) fileRoutes() {
	export := operation(http.MethodGet, "/runs/{run}/export", "export-run", "Get a run as a file that can be shown, checked and built on elsewhere")
	export.Description = "Secrets stay here, and so does what is marked sensitive. docs/reference/runfile.md is the form of the file."
	text := &huma.Schema{Type: huma.TypeString}
	export.Responses = map[string]*huma.Response{"200": {Description: "The file.", Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Description: "A run as a file: lines of JSON."}}, "text/markdown": {Schema: text}, "text/html": {Schema: text},
	}}}
	route(s, export, RoleViewer, s.export)

	take := s.fileOperation("/runs/import", "import-run", "Take in a run that was exported elsewhere")
	route(s, take, RoleOperator, func(ctx context.Context, in *runFile) (*body[runfile.Taken], error) {
		file, err := runfile.Decode(in.RawBody)
		if err != nil {
			return nil, err
		}
		taken, _, err := file.Import(ctx, s.o.Journal)
		if err != nil {
			return nil, err
		}
		return bodyOf(taken), nil
	})
	route(s, s.fileOperation("/verify", "verify-file", "Prove that the file of a run is what was exported"), RoleViewer,
		func(ctx context.Context, in *runFile) (*body[runfile.Proof], error) {
			file, err := runfile.Decode(in.RawBody)
			if err != nil {
				return nil, unproved(err)
			}
			return bodyOf(file.Proof()), nil
		})
	route(s, operation(http.MethodGet, "/runs/{run}/verify", "verify-run", "Prove that a run is what was recorded"), RoleViewer,
		func(ctx context.Context, in *InRun) (*body[runfile.Proof], error) {
			file, err := runfile.VerifyRun(ctx, s.o.Journal, in.Run)
			if err != nil {
				return nil, unproved(err)
			}
			return bodyOf(file.Proof()), nil
		})
}

// fileOperation is a route that takes the file of a run.
func (s *Server) fileOperation(path, id, summary string) huma.Operation {
	op := operation(http.MethodPost, path, id, summary)
	op.MaxBodyBytes, op.BodyReadTimeout = limits.RunFileBytes, fileTimeout
	op.SkipValidateBody = true // it is lines of JSON, and none of ours
	op.Middlewares = huma.Middlewares{s.inTurn}
	return op
}

// fileTimeout is how long somebody may take to send a file.
const fileTimeout = 5 * time.Minute

// mostFiles is how many files are taken in at once. They are large: who has no turn is told
// to come again before any of it is read, and who sends slowly has one turn alone.
const mostFiles = 3

// inTurn lets those through who have a turn to send a file, one for each actor.
func (s *Server) inTurn(ctx huma.Context, next func(huma.Context)) {
	_, w := humago.Unwrap(ctx)
	who := ActorOf(ctx.Context()).Name
	if !s.files.take(who) {
		p := newProblem(&pawl.Error{Kind: "overloaded", Message: fmt.Sprintf("a file of %s is being read, or %d of others", who, mostFiles), Hint: "send one after another"})
		p.Status, p.Title, p.retryAfter = http.StatusServiceUnavailable, http.StatusText(http.StatusServiceUnavailable), "5"
		p.write(w)
		return
	}
	defer s.files.give(who)
	// The server's own limit may run out while the file is still being sent.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(fileTimeout + s.o.Patience + time.Minute)) // without deadlines there is none to move
	next(ctx)
}

// turns are those to send a file.
type turns struct {
	mu sync.Mutex
	of map[string]bool
}

func (t *turns) take(who string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of[who] || len(t.of) >= mostFiles {
		return false
	}
	if t.of == nil {
		t.of = map[string]bool{}
	}
	t.of[who] = true
	return true
}

func (t *turns) give(who string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.of, who)
}

// unproved is the answer that something is not what was recorded: it is no failure of the
// server.
func unproved(err error) error {
	if !errors.Is(err, runfile.ErrChanged) && !errors.Is(err, runfile.ErrTampered) {
		return err
	}
	p := newProblem(err)
	p.Status, p.Title = http.StatusConflict, http.StatusText(http.StatusConflict)
	return p
}

func (s *Server) export(ctx context.Context, in *exportRun) (*exported, error) {
	if in.Format != "json" && s.o.Document == nil {
		return nil, badParameter("query.format", "is json alone here: this server makes no documents")
	}
	file, err := runfile.ExportRun(ctx, s.o.Journal, in.Run, s.view.Flow, runfile.Options{Redact: in.Redact, Keys: s.o.Keys})
	if err != nil {
		return nil, err
	}
	data, err := file.Encode()
	if err == nil && in.Format != "json" {
		data, err = s.o.Document(data, in.Format)
	}
	if err != nil {
		return nil, err
	}
	types := map[string]string{"json": "application/json", "md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8"}
	return &exported{ // what models wrote is not to be a page of this server
		ContentType: types[in.Format], Disposition: fmt.Sprintf("attachment; filename=\"%s.%s\"", file.Run(), in.Format),
		Withheld: file.Withheld(), Body: data,
	}, nil
}
