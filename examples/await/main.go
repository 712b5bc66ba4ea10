// Command await sells things: each order is a run that waits until a payment provider
// calls a webhook.
//
//	go run ./examples/await -provider https://payments.example -public https://shop.example
//	curl localhost:8080/orders -H 'Idempotency-Key: order-7' -d '{"item": "a kettle", "cents": 4000}'
//	curl localhost:8080/orders/ID?wait=30s
//
// The flow is in flow.go. Here, one handler takes orders and one is the webhook. The
// provider calls that under the address which the flow gave it; Engine.Deliver says
// whether the address is one, takes what it is told once for each event, and keeps it if
// the flow does not await it yet. So the webhook needs no table of its own, may be called
// twice, early, and while this program starts again.
//
// What a provider signs besides, and who may order, belongs before the handlers. Whoever
// has the address of a callback can deliver: it is a secret between flow and provider.
package main

import (
	"context"
	"encoding/json"
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
)

func main() {
	data := flag.String("data", "pawl-data", "the directory of the journal")
	port := flag.Int("port", 8080, "of this machine; 0: a free one")
	var p provider
	flag.StringVar(&p.url, "provider", "http://127.0.0.1:9090", "the payment provider")
	flag.StringVar(&p.public, "public", "", "where the provider reaches this program; empty: at its port of this machine")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *data, fmt.Sprintf("127.0.0.1:%d", *port), p); err != nil {
		log.Fatal(err)
	}
}

// serve returns when ctx ends, with nil, or when a part fails.
func serve(ctx context.Context, data, address string, p provider) error {
	db, err := sqlite.Open(ctx, data, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	if p.public == "" {
		p.public = "http://" + listener.Addr().String()
	}
	order := newOrder(p.charge)
	engine := local.New(&local.Options{Journal: db, Models: llm.Catalog{"offline": offline.Model{}}, Model: "offline", Flows: []pawl.Flow{order}})
	fmt.Printf("http://%s\n", listener.Addr())

	parts, fail := context.WithCancelCause(ctx)
	server := &http.Server{Handler: handler(engine, order), ReadHeaderTimeout: 10 * time.Second}
	var running sync.WaitGroup
	serve := func() { running.Go(func() { fail(server.Serve(listener)) }) }
	running.Go(func() { fail(engine.Work(parts, &local.WorkOptions{Ready: serve})) }) // also goes on with what an earlier process left
	<-parts.Done()
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

// maxBody is how large the body of a request may be.
const maxBody = 1 << 20

func handler(engine pawl.Engine, order pawl.Flow) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		id := pawl.NewRunID()
		if key := r.Header.Get("Idempotency-Key"); key != "" {
			id = pawl.RunIDOf("POST /orders", key)
		}
		input, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err == nil {
			_, err = engine.Start(r.Context(), order, input, &pawl.StartOptions{ID: id, Queue: true})
		}
		reply(w, http.StatusAccepted, map[string]any{"id": id}, pawl.AsError(err, pawl.ErrInput))
	})
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		id := pawl.RunID(r.PathValue("id"))
		if d, _ := time.ParseDuration(r.FormValue("wait")); d > 0 {
			until, done := context.WithTimeout(r.Context(), min(d, time.Minute))
			defer done()
			engine.Wait(until, id)
		}
		run, err := engine.Get(r.Context(), id)
		reply(w, http.StatusOK, map[string]any{"status": run.Status, "reason": run.Reason, "result": run.Output}, pawl.AsError(err, pawl.ErrInternal))
	})
	// The webhook. It is answered when the event is durable, so a provider that was not
	// answered calls again with the same id. A 404, 409 or 422 it need not repeat.
	mux.HandleFunc("POST /payments/{address...}", func(w http.ResponseWriter, r *http.Request) {
		event, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err == nil {
			err = engine.Deliver(r.Context(), r.PathValue("address"), r.Header.Get("Event-Id"), event)
		}
		reply(w, http.StatusOK, map[string]any{}, pawl.AsError(err, pawl.ErrInput))
	})
	return mux
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
