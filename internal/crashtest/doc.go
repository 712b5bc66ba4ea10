// Package crashtest holds tests only. They kill processes and check that no
// finished model call is ever made again.
//
// Two sorts of child are killed with SIGKILL: the real command, while calls are
// in flight at a server of the test (package responsestest), and the test
// binary itself, which executes the same flows and kills itself right before or
// right after the k-th commit of its journal. Then the run is resumed and
// compared with one that nobody disturbed.
//
// With -short only every third of these moments is tried.
package crashtest
