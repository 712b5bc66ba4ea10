package cli

import (
	"context"
	"fmt"
	"runtime"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/cli/internal/tree"
	"github.com/pawlrun/pawl/internal/relay"
)

// tokensFlag is the flag of commands that can show answers while they arrive.
func (a *app) tokensFlag(flags *pflag.FlagSet) {
	flags.BoolVar(&a.tokens, "tokens", false, "show answers while they arrive; what comes of them counts, not what was shown")
}

// newRelay is what pieces of answers go through in this process, and to others as far as
// the world has them listen.
func (a *app) newRelay(dir string) *relay.Relay {
	if !a.relays {
		dir = ""
	}
	return relay.New(dir, a.logger())
}

// listen hears the answers of a run that this process is about to execute; nil: nobody
// wants to see them.
func (a *app) listen(s *store, id pawl.RunID) *relay.Listener {
	if !a.tokens {
		return nil
	}
	return s.relay.Listen(id)
}

// listenBefore hears the answers of a run that a decision may have go on here, from the first
// piece on.
func (a *app) listenBefore(s *store, id pawl.RunID) {
	if s.heard == nil {
		s.heard = a.listen(s, id)
	}
}

// hearOthers has answers shown that other processes get while they arrive, if somebody wants
// to see them, until what it returns is called.
func (f *following) hearOthers(ctx context.Context) (leave func()) {
	a := f.app
	if !a.tokens {
		return func() {}
	}
	if runtime.GOOS == "windows" && !a.quiet {
		a.say("on Windows no answers of other processes are shown before they are whole")
	}
	heard := relay.Connect(ctx, f.store.dir, f.id)
	f.hear(heard)
	return heard.Close
}

// hear has answers shown while they arrive; nil: they are not.
func (f *following) hear(l *relay.Listener) {
	if l == nil {
		return
	}
	a := f.app
	f.heard, f.answers = l, &tree.Answers{Out: f.lines.Out, Columns: f.lines.Columns}
	if f.run.HidesAnswers() && !a.quiet && !a.json {
		why := "its output has sensitive fields, and what stands in them is known at the end"
		if flow := f.lines.Flow; a.flow(flow) == nil {
			why = fmt.Sprintf("this program does not have flow %s, which says what is sensitive", term.Plain(flow))
		}
		a.say("no answer of run %s is shown before it is whole: %s", f.id, why)
	}
}

// pieces delivers when pieces of answers may have come.
func (f *following) pieces() <-chan struct{} {
	if f.heard == nil {
		return nil
	}
	return f.heard.Ready()
}

// takePieces shows what has come of answers.
func (f *following) takePieces() error {
	if f.heard == nil {
		return nil
	}
	for _, p := range f.heard.Take() {
		if shown, ok := f.run.Piece(p); ok {
			if err := f.showPiece(shown); err != nil {
				return err
			}
		}
	}
	return nil
}

// passed shows what an event that was shown lets be shown of answers.
func (f *following) passed(ev pawl.Event) error {
	if f.heard == nil {
		return nil
	}
	if p, ok := f.run.Passed(ev); ok {
		return f.showPiece(p)
	}
	return nil
}

// over ends the line of an answer that is recorded.
func (f *following) over(ev pawl.Event) {
	if f.heard != nil && ev.Type == pawl.EventAttempt {
		f.answers.Flush(ev.Key)
	}
}

func (f *following) showPiece(p pawl.Piece) error {
	switch {
	case f.app.quiet:
	case f.app.json && f.guest != nil:
		return f.app.pieceLine(p)
	case f.live != nil:
		f.live.piece(p)
	default:
		f.answers.Piece(p)
	}
	return nil
}

// pieceLine writes a piece as a line of JSON, which its type tells from an event.
func (a *app) pieceLine(p pawl.Piece) error {
	return a.printJSONLine(struct {
		Type string `json:"type"`
		pawl.Piece
	}{"piece", p})
}
