package exec

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Replaced is how events refer to prompts that take the place of a flow's own, whose
// texts are blobs.
func Replaced(files []pawl.PromptFile) []pawl.Replaced {
	var all []pawl.Replaced
	for _, f := range files {
		all = append(all, pawl.Replaced{Name: f.Name, Digest: journal.Digest([]byte(f.Text)), From: f.From})
	}
	return all
}
