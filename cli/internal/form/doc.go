// Package form is how a person fills in values on a command line.
//
// A flow's input becomes flags, one for each [Field] ([Flags]), above a document
// that a file or the flow's example gives ([Input]). The value of a decision comes
// from [ValueFlags]: whole, from a file, by parts, or as a person edited the
// template of what is [Wanted]. A result goes to a [File] that takes the place of
// another once it is whole.
//
//	in := &form.Input{Flow: f, Fields: form.Flags(flags, f.Describe().Input, taken)}
//	raw, err := in.Assemble(&form.Reader{Stdin: os.Stdin})
//
// Schemas and texts come in, JSON goes out, or an error of kind pawl.ErrInput that
// says in the words of the command line what is wrong with which flag, and what it
// accepts. The package sees no run and no engine; it reads and writes no file but
// those that a person names.
package form
