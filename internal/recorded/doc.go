// Package recorded takes the file of a run for a test of its flow: the flow must do now
// what it did then.
//
//	run, err := recorded.Read(name)
//	misses, err := recorded.Check(ctx, flow, run)
//
// Check executes the flow against the file alone, which costs nothing and reaches nothing.
// [Record] makes the run anew with the file as its base, so that only what has changed is
// paid for.
package recorded
