// Package relay passes pieces of answers on, while they arrive, to whoever listens: in
// this process and in others.
//
// A [Relay] belongs to the process that executes runs. It is told every piece, keeps
// what has come so far of the answers under way, and offers them at a socket in the
// data directory. A [Listener] gets those of one run, whenever it joins: what the open
// attempts have so far, then what comes.
//
//	r := relay.New(dir, log)           // in the process that executes
//	engine := local.New(&local.Options{…, Pieces: r.Tell})
//
//	l := relay.Connect(ctx, dir, run)  // in another one
//	defer l.Close()
//	for range l.Ready() {
//		for _, p := range l.Take() { … }
//	}
//
// Rules one can break:
//
//   - What is passed on is as models send it. Sensitive answers are not passed on at
//     all; what else views must not show is hidden by them, see package view.
//   - Nobody who listens slows a run down. A listener that does not keep up loses
//     pieces: it is told that the attempts have ended, and then once more what they
//     have so far.
//   - A listener is told of an attempt's end by its process. If that dies, Connect
//     tells it.
//
// # The socket
//
// It lies in the folder pieces of the data directory, which belongs to the user alone,
// and has mode 0600. It is made when the first piece comes, and removed by Close; what a
// process left that died is removed by the next one. The address of a socket must be
// short: where the data directory's is not, the socket lies in a folder of its own
// among the temporary files, and in its place a symbolic link. On Windows there is none,
// and only listeners in the same process hear anything.
//
// Whoever connects sends one line, {"run":ID}, and gets a line for each piece of that run:
// a [pawl.Piece] in JSON, of at most 32 KiB of text. Anything else, or more than that
// line, ends the connection.
package relay
