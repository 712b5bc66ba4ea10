package exec

import (
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// tooLarge refuses an outcome that the journal could not keep, and empties it.
func tooLarge(at *journal.Attempt) *pawl.Error {
	size := len(at.Result) + len(at.RequestID)
	if at.Raw != nil {
		size += len(*at.Raw)
	}
	for i := range at.Gates {
		at.Gates[i].Detail = replay.CutText(at.Gates[i].Detail)
		size += len(at.Gates[i].Name) + len(at.Gates[i].Detail)
	}
	if size < limits.EntryBytes/8 { // it fits even if every byte is escaped
		return nil
	}
	b, err := schema.Marshal(at)
	if err == nil && len(b) < limits.EntryBytes {
		return nil
	}
	size = max(size, len(b))
	at.Raw, at.Result, at.Gates = nil, nil, nil
	return tooLong("the result", size)
}

// tooLong says that a value is too long for the journal.
func tooLong(what string, size int) *pawl.Error {
	return &pawl.Error{Kind: pawl.ErrStep,
		Message: fmt.Sprintf("%s takes %d bytes as JSON, the journal holds at most %d in one value", what, size, limits.EntryBytes),
		Hint:    "keep it elsewhere and use a reference to it"}
}
