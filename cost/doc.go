// Package cost adds up what the calls of models of all runs of a store have taken: by flow,
// by model and by day.
//
// What an event of a run says of calls is a [Happened]. A [Keeper] is where the sums are
// kept: a journal that is one keeps them in the transactions that store the events, so that
// nobody reads histories to say what was spent. A [Book] is the sums in memory.
//
//	r, err := keeper.Costs(ctx, cost.Query{By: cost.ByDay, Zone: "Europe/Berlin"})
//
// A call counts when it has ended, in the quarter of an hour in which that was stored: days
// of all time zones begin with one. One whose outcome nobody will know counts when that was
// found out.
package cost
