// Package pawlvet finds in the code of flows what a replay would not repeat.
//
// A run goes on by executing its flow's code again over the recorded results, so
// that code must follow from its input and its steps alone. [Analyzer] reports
// where it does not. Flow code is every function that takes a *pawl.Run, with the
// function literals in it; in those that take a context, which is the code of a Do,
// effects are at home.
//
// In flow code it reports
//
//   - the clock, random numbers, files and the network, with what to use instead;
//   - goroutines, channels and locks;
//   - steps in a loop over a map, whose order differs each time;
//   - names of steps that are no constants, unless a named function has the name as
//     a parameter: then whoever calls it has chosen it.
//
// In the code of a Do it reports the Run, variables of the flow that it sets, and
// slices, maps and pointers to data that come from the flow and not through the
// Do's input.
//
// A comment that says why silences a line: its own, or the one below if it stands
// alone:
//
//	//pawlvet:ignore the order does not matter, all is sorted below
//
// Rules one can break:
//
//   - It looks at each function by itself. What a flow calls that takes no Run (a
//     helper that asks for the time) is not followed.
//   - A service that a flow has from outside (a client, a receiver, what a function
//     around the flow declares) is taken for no data.
package pawlvet
