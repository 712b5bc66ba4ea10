// Package tree is a run being watched: its events come in, lines come out.
//
// A [Tree] folds the events as an engine does and draws the run as it stands, in as
// many lines as there is room for; [Lines] writes a stamped line for each event that
// is worth one. Answers under way come in too, in pieces: the tree has them below their
// steps, [Answers] prints them. None of these reads a history or knows who executes the
// run: whoever follows it brings the events, in order.
//
//	t := tree.New()
//	err := t.Apply(ev)
//	frame := t.Frame(tree.Look{Now: time.Now(), Columns: 80, Rows: 24, Mask: mask})
//
// What must not be shown is hidden by a function that the caller gives. None of them
// may be used by several goroutines at once.
package tree
