// Command desk is a server on which tickets are answered: a POST starts a run, whose
// id is made of the ticket's number, so that who posts it twice starts it once. A GET
// shows a run and what it asks; a POST decides. Runs are kept in SQLite: a server that
// starts again goes on with what it finds.
//
//	go run ./examples/desk
//	curl localhost:8080/runs -d '{"number": "17", "customer": "Ada", "text": "Where is my kettle?"}'
//	curl localhost:8080/runs/ID?wait=10s
//	curl localhost:8080/runs/ID/decisions -d '{"key": "send", "what": "approve", "who": "Bob", "digest": "…"}'
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/llm"
)

// A desk is an engine on its journal, at work.
type desk struct {
	db     *sqlite.DB
	engine *local.Engine
	worked chan error // what Work returned
}

func open(ctx context.Context, dir string, models llm.Catalog, model string) (*desk, error) {
	db, err := sqlite.Open(ctx, dir, nil)
	if err != nil {
		return nil, err
	}
	d := &desk{db: db, worked: make(chan error, 1), engine: local.New(&local.Options{
		Journal: db, Models: models, Model: model, Flows: []pawl.Flow{Flow},
	})}
	ready := make(chan struct{})
	work := &local.WorkOptions{Ready: sync.OnceFunc(func() { close(ready) })}
	go func() {
		d.worked <- d.engine.Work(context.WithoutCancel(ctx), work) // until it is closed
		work.Ready()
	}()
	<-ready
	return d, nil
}

// close lets calls in flight end until ctx does. The engine goes before its journal.
func (d *desk) close(ctx context.Context) error {
	return errors.Join(d.engine.Close(ctx), <-d.worked, d.db.Close())
}

func (d *desk) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /runs", handle(d.start))
	mux.HandleFunc("GET /runs/{id}", handle(d.show))
	mux.HandleFunc("POST /runs/{id}/decisions", handle(d.decide))
	return mux
}

// View is what GET shows of a run.
type View struct {
	ID     pawl.RunID      `json:"id"`
	Status pawl.Status     `json:"status"`
	Reason string          `json:"reason,omitempty"`
	Output json.RawMessage `json:"output"`
	Asks   []Ask           `json:"asks"`
}

// Ask is something that a person is to decide.
type Ask struct {
	Key      pawl.Key        `json:"key"`
	Question string          `json:"question"`
	Proposal json.RawMessage `json:"proposal"`
	Reasons  []string        `json:"reasons"`
	Deadline *pawl.Time      `json:"deadline"`
	Digest   string          `json:"digest"` // of what is shown here, for the decision
}

func (d *desk) start(r *http.Request) (any, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, bad(err)
	}
	var in Ticket
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, bad(err)
	}
	id, err := d.engine.Start(r.Context(), Flow, body, &pawl.StartOptions{ID: pawl.RunIDOf("desk", in.Number), Who: in.Customer})
	return map[string]pawl.RunID{"id": id}, err
}

func (d *desk) show(r *http.Request) (any, error) {
	id := pawl.RunID(r.PathValue("id"))
	run, err := d.engine.Get(r.Context(), id)
	if err != nil {
		return nil, err
	}
	if patience, _ := time.ParseDuration(r.URL.Query().Get("wait")); patience > 0 {
		ctx, cancel := context.WithTimeout(r.Context(), min(patience, time.Minute))
		defer cancel()
		if rested, err := d.engine.Wait(ctx, id); err == nil {
			run = rested
		} else if run, err = d.engine.Get(r.Context(), id); err != nil {
			return nil, err
		}
	}
	v := View{ID: run.ID, Status: run.Status, Reason: run.Reason, Output: run.Output, Asks: []Ask{}}
	for _, b := range run.Blockers {
		v.Asks = append(v.Asks, Ask{b.Key, b.Question, b.Proposal, b.Reasons, b.Deadline, b.Digest})
	}
	return v, nil
}

func (d *desk) decide(r *http.Request) (any, error) {
	var in struct {
		Key     pawl.Key          `json:"key"`
		What    pawl.DecisionKind `json:"what"`
		Who     string            `json:"who"`
		Reason  string            `json:"reason"`
		Comment string            `json:"comment"`
		Value   json.RawMessage   `json:"value"` // instead of the proposal
		Digest  string            `json:"digest"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, bad(err)
	}
	if in.What != pawl.DecideApprove && in.What != pawl.DecideReject {
		return nil, bad(errors.New("what: wants approve or reject"))
	}
	return struct{}{}, d.engine.Decide(r.Context(), pawl.RunID(r.PathValue("id")), pawl.Decision{
		Key: in.Key, What: in.What, Who: in.Who, Reason: in.Reason, Comment: in.Comment, Value: in.Value, Digest: in.Digest,
	})
}

func bad(err error) error { return pawl.AsError(err, pawl.ErrInput) }

// handle answers with JSON. Every error of an engine has a status.
func handle(f func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		status := http.StatusOK
		v, err := f(r)
		if err != nil {
			e := pawl.AsError(err, pawl.ErrInternal)
			status, v = e.Kind.HTTPStatus(), map[string]string{"error": e.Message, "hint": e.Hint}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(v)
	}
}

func main() {
	addr := flag.String("addr", "localhost:8080", "where to listen")
	dir := flag.String("data", "desk-data", "where runs are kept")
	model := flag.String("model", "offline", "which model is asked")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	d, err := open(ctx, *dir, llm.NewCatalog(cli.Providers(), os.Getenv), *model)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: *addr, Handler: d.handler()}
	go func() {
		log.Print("listening on ", *addr)
		log.Print(server.ListenAndServe())
		stop()
	}()
	<-ctx.Done()
	stop() // a second signal ends it at once

	last, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := errors.Join(server.Shutdown(last), d.close(last)); err != nil {
		log.Print(err)
	}
}
