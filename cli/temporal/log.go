package temporal

import (
	"context"
	"log/slog"
	"strings"
)

// quieter is a handler of the SDK's logs without what a server that is older than the SDK
// brings about whenever a worker ends, and harms nothing.
type quieter struct{ slog.Handler }

func (q quieter) Handle(ctx context.Context, r slog.Record) error {
	if strings.HasPrefix(r.Message, "ShutdownWorker rpc errored") {
		return nil
	}
	return q.Handler.Handle(ctx, r)
}

func (q quieter) WithAttrs(a []slog.Attr) slog.Handler { return quieter{q.Handler.WithAttrs(a)} }
func (q quieter) WithGroup(n string) slog.Handler      { return quieter{q.Handler.WithGroup(n)} }
