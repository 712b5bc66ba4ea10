// Package pawltest tests flows: a run on a real engine and a journal in memory,
// whose models answer from a script.
//
//	ran := pawltest.Run(t, Flow, in, pawltest.Script{
//		"route":         {Route{To: "refund"}},
//		"refund/answer": {"{", reply}, // the first is no JSON and is turned down
//	})
//	ran.Waits("refund/send")
//	ran.Reject("refund/send", "not like this").Canceled()
//
// [Run] starts the run and follows it to where nothing happens until someone
// acts: it is done, failed or canceled, or asks a person. The decisions ([Ran.Approve],
// [Ran.Reject], [Ran.Answer], [Ran.Retry] ...) follow it on to its next rest, as does an
// event that comes ([Ran.Deliver]), and [Ran.Restart] is a deploy in between. The checks ([Ran.Done], [Ran.Failed],
// [Ran.Waits] ...) end the test with the story of the run: its steps, their
// attempts, and what the gates said.
//
// In a bubble of testing/synctest an hour's sleep, a deadline and the pauses
// between attempts take no time. Outside of one they take as long as they do,
// and a run that sleeps for longer than 10 s fails the test.
//
// Code that a flow hands to pawl.Do is called as ever: give the flow something
// harmless to call.
package pawltest
