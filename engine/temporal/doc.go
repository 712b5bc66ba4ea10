// Package temporal is to let Temporal execute runs: the same flows, unchanged,
// where a service keeps the history and hands the work to many machines.
//
// So far it holds no more than a proof, in its tests: a host.Host on Temporal's
// workflow context, driven by internal/replay as engine/local is, with the same
// flows executed on both and their records compared. An ask is an activity whose
// id is its key, the code of a do a local activity, a branch a coroutine, a
// sleep a timer; what the gates say is kept as a side effect.
//
// What users will import is the Engine that this becomes; its weight stays out
// of every program that does not.
package temporal
