// Package replay is the pure core of a run: history in, next action out.
//
// [State] is the fold of a run's events and makes its record. [Script] decides
// in which order recorded results reach flow code, [Names] which key a step
// has, [Digest] whether its request is still the recorded one, [Plan] what
// follows from the attempts so far: call, fail or ask a person; [Reply] what
// an attempt came to in the judgement of its gates, and [FateOf] what a branch's
// end means for its run. [Phase] is what a run may do and what changes that, [Match]
// how what is recorded fits what is asked, [Rest] how the run rests that a process
// gives back, and [Summary] how it is listed. Engines do what they say.
//
// There is no clock, I/O, randomness, goroutine or lock in this package; a test
// sees to it. Nothing here is safe for concurrent use.
package replay
