// Package limit bounds what the calls of models of many runs take together: all of a
// store, or those of a flow, in a day, a month or in all.
//
// A [Limit] is what somebody sets. A [Tally] is one with what it has counted, and [Tallies]
// are all of a store: they say whether a [Call] fits ([Tallies.Reserve]) and take in what it
// took ([Tallies.Settle]). A [Keeper] is where limits are kept. A journal that is one counts
// in the transaction that stores what leaves and what has ended, so that however many
// processes work on it, no more leaves than a limit says.
//
//	err := keeper.SetLimit(ctx, limit.Limit{Per: limit.PerDay, Zone: "UTC", Most: pawl.Budget{Calls: &most}})
//	all, err := keeper.Limits(ctx)
//
// Of time Tallies know what they are told, and they store nothing. A call that does not fit
// is not made: what becomes of its run is the engine's to say.
package limit
