// Command server offers a flow over HTTP, around an engine in the same program.
//
//	go run ./examples/server
//	curl -i localhost:8080/runs -H 'Idempotency-Key: order-7' -d '{"name": "Ada"}'
//	curl localhost:8080/runs/ID?wait=30s
//	curl localhost:8080/runs/ID/approve -d '{"key": "send", "digest": "…", "who": "Ada"}'
//
// The flow is in flow.go. Here, serve puts the parts together and takes them apart,
// and three handlers start a run, show it, and decide for it. They only write down
// what is wanted; Engine.Work executes it. So a restart, also after a crash, goes on
// by itself with every run that was under way.
//
// Left out: who may do what. There is no authentication, "who" is whoever the
// request says, and therefore the server listens on this machine alone. A server
// for others puts that before the handlers, and keeps fields that are tagged
// sensitive out of what GET shows. A run that failed is not tried again here:
// that is Engine.Direct with pawl.DirectResume.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/llm/openai"
)

func main() {
	data := flag.String("data", "pawl-data", "the directory of the journal")
	port := flag.Int("port", 8080, "of this machine; 0: a free one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *data, fmt.Sprintf("127.0.0.1:%d", *port)); err != nil {
		log.Fatal(err)
	}
}

// serve returns when ctx ends, with nil, or when a part fails.
func serve(ctx context.Context, data, address string) error {
	db, err := sqlite.Open(ctx, data, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	model, vendor := "offline", openai.Provider()
	if vendor.Ready(os.Getenv) {
		model = vendor.FullName(vendor.Models[0])
	}
	models := llm.NewCatalog([]llm.Provider{vendor, offline.Provider()}, os.Getenv)
	engine := local.New(&local.Options{Journal: db, Models: models, Model: model, Flows: []pawl.Flow{letter}})
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s asks %s\n", listener.Addr(), model)

	parts, fail := context.WithCancelCause(ctx)
	server := &http.Server{Handler: handler(parts, engine), ReadHeaderTimeout: 10 * time.Second}
	var running sync.WaitGroup
	serve := func() { running.Go(func() { fail(server.Serve(listener)) }) }
	running.Go(func() { fail(engine.Work(parts, &local.WorkOptions{Ready: serve})) }) // also goes on with what an earlier process left
	<-parts.Done()
	// Requests end first, then the calls that are in flight, in ten seconds at most:
	// what is cut then is made again after the restart.
	limit, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer done()
	server.Shutdown(limit)
	engine.Close(limit)
	running.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return context.Cause(parts)
}

// handler answers until ctx ends; then nobody waits for a run any more.
func handler(ctx context.Context, engine pawl.Engine) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /runs", func(w http.ResponseWriter, r *http.Request) {
		id := pawl.NewRunID()
		if key := r.Header.Get("Idempotency-Key"); key != "" {
			id = pawl.RunIDOf("POST /runs", key) // the same key is the same run, however often it is sent
		}
		input, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err == nil {
			_, err = engine.Start(r.Context(), letter, input, &pawl.StartOptions{ID: id, Queue: true})
		}
		reply(w, http.StatusAccepted, map[string]any{"id": id}, pawl.AsError(err, pawl.ErrInput))
	})
	mux.HandleFunc("GET /runs/{id}", func(w http.ResponseWriter, r *http.Request) {
		id := pawl.RunID(r.PathValue("id"))
		if d, _ := time.ParseDuration(r.FormValue("wait")); d > 0 { // at most that long; then one asks again
			until, done := context.WithTimeout(r.Context(), min(d, time.Minute))
			defer context.AfterFunc(ctx, done)()
			defer done()
			engine.Wait(until, id)
		}
		run, err := engine.Get(r.Context(), id)
		reply(w, http.StatusOK, map[string]any{
			"id": id, "status": run.Status, "reason": run.Reason, "waits_for": run.Blockers,
			"result": run.Output, "error": run.Error,
		}, pawl.AsError(err, pawl.ErrInternal))
	})
	mux.HandleFunc("POST /runs/{id}/approve", func(w http.ResponseWriter, r *http.Request) {
		var said struct {
			Key, Digest, Who, Comment string
			Reject                    bool
		}
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&said)
		if err == nil && (said.Digest == "" || said.Who == "") {
			err = errors.New("wants the digest of what was shown, and who decides")
		}
		if err == nil {
			d := pawl.Decision{Key: pawl.Key(said.Key), What: pawl.DecideApprove, Who: said.Who, Comment: said.Comment, Digest: said.Digest}
			if said.Reject {
				d.What = pawl.DecideReject
			}
			err = engine.Decide(r.Context(), pawl.RunID(r.PathValue("id")), d)
		}
		reply(w, http.StatusOK, map[string]any{}, pawl.AsError(err, pawl.ErrInput))
	})
	return http.NewCrossOriginProtection().Handler(mux) // no page of another site decides
}

// reply writes a value, or what went wrong with the status of its kind.
func reply(w http.ResponseWriter, status int, value any, err *pawl.Error) {
	if err != nil {
		status, value = err.Kind.HTTPStatus(), map[string]any{"error": err.Record()}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}
