// Package exec executes one run, for every engine.
//
// A [Run] is one goroutine, [Run.Execute], that owns all of the run's state and
// does three things in turn:
//
//	    +----------------------------------------------------------+
//	    v                                                          |
//	execute flow code     one branch at a time, until all wait     |
//	    |                                                          |
//	commit the batch      what came of it: intents, results, ...   |
//	    |                                                          |
//	wait for a message    an attempt's outcome, a timer, a command +
//	    |
//	    +--> nothing is left to do: record how the run rests
//
// Calls to models and the code of do steps are attempts, each on a goroutine of
// its own, that report to the run's mailbox:
//
//	intent (durable) --> attempt leaves --> outcome (durable) --> flow code
//	       |                                   |
//	       |                                   +--> the next intent, a failure, a question
//	       +-- the process dies: the outcome is unknown
//
// What is to be done next is decided by internal/replay: which phase a run is in
// and what changes it ([replay.Phase]), what follows from a step's attempts
// ([replay.Next]), in which order results reach flow code ([replay.Script]), how
// the run rests ([replay.Rest]). This package acts on it and stores it.
//
// It does not know the engine that keeps it: all it needs is in [Deps]. Whose clock it goes
// by, what chance gives it and where its attempts are made is its [World]: [Machine] is that
// of a process. What a run writes follows from its history, its flow's code, its mail and its
// World, so that an engine which repeats these repeats the run.
package exec
