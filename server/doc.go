// Package server is runs behind HTTP: an API under /api/v1 that shows what the command
// shows and does what the command does, and streams of what happens.
//
// A [Server] is a handler over an engine, its journal and the flows. What it shows of
// runs comes from the same view as the command's JSON, masked likewise: the bodies are
// the records of package pawl. It executes nothing by itself; whoever makes one has an
// engine that takes up queued runs.
//
//	s := server.New(&server.Options{Engine: engine, Journal: j, Flows: flows, Authenticate: tokens})
//	err := s.Serve(ctx, listener)
//
// Every request is looked at before anything else is: whether it is meant for this
// server (Host), whether a page of another site sent it (Origin), who sent it (a bearer
// token, or the cookie that the page has), and whether that one may do it. Who it was is
// recorded with each run that is started and each decision: a request cannot say it.
//
// docs/api.md has each route with a command line, docs/openapi.json their document.
//
// Rules one can break:
//
//   - Close the server before the engine: its streams follow runs.
//   - It speaks plain HTTP. Beyond this machine something that speaks TLS belongs in front.
package server
