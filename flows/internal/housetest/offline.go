package housetest

import (
	"context"
	"os"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

// Offline returns the stand-in with options such as "?reject=1" and
// "?answers=testdata/answers/unsure.json".
func Offline(options string) llm.Model {
	return llm.Func(func(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
		req.Model = options
		return offline.Model{ReadFile: os.ReadFile}.Generate(ctx, req, stream)
	})
}
