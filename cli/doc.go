// Package cli is the pawl command, and the way to build your own.
//
// [Main] runs a command line over the flows that it is given:
//
//	func main() { cli.Main(article.Flow, blog.Flow) }
//
// Such a program has every command of pawl, with `run` and `resume` for these
// flows. The fields of a flow's input become flags of `run FLOW`. A [Program] says
// more: providers of models, a place for runs, another engine.
//
// The map of this package: [Program] and main.go are the door, root.go is the tree
// of commands, and each command has a file (show.go, decide.go, batch*.go, …).
// store.go opens what they work on. follow.go, asking.go and report.go are what the
// commands share that execute a run: following it, asking the person at the
// terminal, delivering the result. action.go makes every command line that is
// printed, exit.go says how a command ends. What can be done without an engine lies
// in rooms below: term (a terminal), form (what is filled in), page and tree (what
// is read), doctor (checks). What is known of runs comes from internal/view.
//
// This package alone reads the environment and flags; everything below gets
// values passed. Results go to stdout, all else to stderr. The exit codes and
// what stderr says last are described in `help exit-codes`.
package cli
