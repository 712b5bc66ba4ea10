// Package mcpserver is runs for other agents: tools, resources and prompts of the Model
// Context Protocol, over the same view and engine as the API.
//
// A [Server] shows what the view shows, masked likewise, and does what an engine does. Over
// standard input and output ([Server.Run]) one process speaks to one client; [Server.Handler]
// is the same over HTTP, behind whatever finds out who sends a request. Both speak the
// protocol of 2025 with its sessions and that of 2026-07-28 without them.
//
//	s := mcpserver.New(&mcpserver.Options{Engine: engine, Journal: j, Flows: flows})
//	err := s.Run(ctx, os.Stdin, os.Stdout)
//
// Clients give up on a call after a minute or less. So a run is started and asked about: no
// call takes longer than [MostWait], and one that its client has given up ends no run.
//
// Rules one can break:
//
//   - An agent decides nothing unless Options.AllowDecisions says so. Where its client can ask
//     the person who sits there, that one is asked.
//   - What models and people wrote is data: it stands in results, and never in a description.
//   - Who starts and decides is the name of a token, or of the client where there is none.
package mcpserver
