// Package notice says what becomes of telling somebody that a run has come to rest: which
// notices are owed to a [Receiver], when each is tried again, and when it is given up.
//
// A [Notice] is owed from the commit on with which the run comes to rest (see
// journal.Batch.Rest), to every receiver that somebody told of such within the [Day] before.
// Whoever tells it takes it from a [Keeper], so that nobody else does meanwhile, and stores
// what [Notice.After] makes of the [Answer].
//
// Nothing here has a clock or does anything: internal/notifier does.
package notice
