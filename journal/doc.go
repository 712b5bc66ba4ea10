// Package journal is an append-only history of events with claims.
//
// A [Journal] keeps the events of many runs. Whoever executes a run holds a
// [Claim] on it; only the holder appends, and a holder that lost its claim
// cannot. What the events say lies in their bodies, one Go type each in this
// package; docs/reference/journal.md is the written form. [NewMemory] keeps everything in
// memory and is the reference; journal/sqlite keeps it in one file.
//
//	claim, err := j.Create(ctx, journal.NewRun{Flow: "article"}, []journal.Draft{{Type: pawl.EventCreated, Body: created}})
//	events, err := j.Append(ctx, claim, journal.Batch{Drafts: drafts})
//
// Rules one can break:
//
//   - When Append has returned, its events are durable, all or none of them.
//   - Events of one run have consecutive numbers from 1 and a chain of hashes,
//     see [Seal]; they are never changed.
//   - A step has at most one result: a second accepted attempt or final failure
//     of the same key is refused.
//   - A Claim belongs to one goroutine at a time; a Journal to any number.
package journal
