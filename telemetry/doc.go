// Package telemetry makes OpenTelemetry spans and metrics of what an engine tells its
// observer: [New] returns one for local.Options.Observe. It uses the providers that it is
// given, and sets nothing that is global.
//
// There is a trace for each activation of a run, from when a process takes the run up until
// it rests: a run may wait for days, and a span that is open is lost in a crash and seen by
// nobody. The attribute pawl.run.id joins them, and links go to the activation before it in
// this process, and to the traces of whoever started the run and decided on it.
//
// What leaves is when, how long, how much and of what class: no input, prompt, answer,
// result, question or text of an error does, unless [Options] has a Content.
// docs/telemetry.md lists all names.
package telemetry
