// Package term is the terminal at which a person sits: how wide text is on it
// and how it is broken, what is painted, and a region at its end that is drawn
// again and again.
//
// A [Stream] is where a command writes to, and what is known of it. A [Sink]
// stands before it and swallows what comes after the reader has gone away. A
// [Screen] is laid over a sink: what is written stays above the region that it
// draws. An [Ink] paints, or does not. The rest makes text:
//
//	fmt.Fprintln(sink, term.Hang(term.Plain(answer), 2, stream.Columns()-1))
//
// Whatever comes from a model, a file or a person goes through [Plain] or [Clean] first:
// it could steer the terminal. Behind that a sink lets nothing of the kind through. Widths are counted in columns, not in bytes or
// characters, and a width of 0 is as wide as it takes.
//
// The package knows no run, no flow and no command.
package term
