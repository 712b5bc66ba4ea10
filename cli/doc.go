// Package cli is the pawl command, and the way to build your own.
//
// [Main] runs a command line over the flows that it is given:
//
//	func main() { cli.Main(article.Flow, blog.Flow) }
//
// Such a program has every command of pawl, with `run` and `resume` for these
// flows. The fields of a flow's input become flags of `run FLOW`.
//
// This package alone reads the environment and flags; everything below gets
// values passed. Results go to stdout, all else to stderr. The exit codes and
// what stderr says last are described in `help exit-codes`.
package cli
