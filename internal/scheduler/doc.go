// Package scheduler makes the runs of schedules when their time has come.
//
// A [Scheduler] is a service that whoever works on a data directory starts beside its
// engine and stops before it. Any number of them may run at once, in one process or in
// several: what is to become of a time is decided by the one whose decision is stored
// first, and the run for it has one id, whoever makes it. One that dies between the two
// leaves the time waiting, for the next look of any other.
//
//	s := scheduler.New(scheduler.Options{Engine: engine, Keeper: db, Flows: flows})
//	s.Start(ctx)
//	defer s.Stop()
//
// It makes runs and does not execute them: they are queued for a worker. [Change] and
// [RunNow] are what commands and routes do to a schedule. What is decided by which rule is
// package schedule's.
package scheduler
