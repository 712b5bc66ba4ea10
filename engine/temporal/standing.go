package temporal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Standing says, for people, as which build this process executes runs, and which other builds
// have workers, too, if they have runs of the same queues' names that have not ended.
func (e *Engine) Standing(ctx context.Context) ([]string, error) {
	k := e.keeper
	said := []string{fmt.Sprintf("build %s, task queue %s", k.settings.label, k.queue)}
	runs := map[string]int{}
	if err := k.others(ctx, func(queue string, it item) {
		if !it.Imported {
			runs[queue]++
		}
	}); err != nil {
		return said, err
	}
	var others []string
	for _, queue := range slices.Sorted(maps.Keys(runs)) {
		there, err := k.workers(ctx, queue)
		if err != nil {
			return said, k.failed(ctx, "", err)
		}
		if len(there) > 0 {
			others = append(others, fmt.Sprintf("task queue %s has %s and %s", queue, counted(len(there), "worker"), counted(runs[queue], "run")))
		}
	}
	if len(others) > 0 {
		said = append(said, "workers of other builds are there, which keep their runs: "+strings.Join(others, "; "))
	}
	return said, nil
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// others tells the runs of other queues that have not ended, as the list has them.
func (k *keeper) others(ctx context.Context, tell func(queue string, it item)) error {
	for page, err := range k.pages(ctx, k.ofRuns()+fmt.Sprintf(" AND ExecutionStatus='Running' AND TaskQueue!='%s'", k.queue)) {
		if err != nil {
			return err
		}
		for _, info := range page.GetExecutions() {
			if it, ok := k.item(info); ok {
				tell(info.GetTaskQueue(), it)
			}
		}
	}
	return nil
}
