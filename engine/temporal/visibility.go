package temporal

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/pawlrun/pawl"
)

// What is read of Temporal's list of workflows. It is asked for what each of its databases
// knows of every workflow, and for search attributes where there are any; the rest is looked for in what it gives. It gives an execution of a
// workflow each, and in an order of its own.

const (
	pageSize = 1000 // executions in one answer, the most that Temporal gives
	idsAsked = 100  // in one question

	// skew is how much clocks of processes and of the server differ, and how far the list lags
	// behind, at most.
	skew = 10 * time.Minute
)

// reach is which executions are read.
type reach struct {
	open   bool      // leaves out those of runs that have ended
	recent bool      // leaves out those of runs that ended before since
	since  time.Time // leaves out those that began before; zero: none are

	// Where the namespace has search attributes, and the workflow too: those alone
	flow     string        // of this flow
	statuses []pawl.Status // of runs that stand so, as far as the execution knows
	bases    []pawl.RunID  // of runs with one of these as their base
}

// ofRuns finds all executions of runs.
func (k *keeper) ofRuns() string {
	return fmt.Sprintf("WorkflowType='%s' AND WorkflowId STARTS_WITH '%s'", workflowType, k.prefix)
}

func (k *keeper) query(r reach) string {
	// An execution that was continued has another one, which is in the list as well.
	const open = "ExecutionStatus NOT IN ('Completed', 'ContinuedAsNew')"
	q, since := k.ofRuns(), "'"+r.since.UTC().Format(time.RFC3339Nano)+"'"
	if r.recent {
		return q + " AND (" + open + " OR CloseTime >= " + since + ")"
	}
	if r.open {
		q += " AND " + open
	}
	if !r.since.IsZero() {
		q += " AND StartTime >= " + since
	}
	if r.flow != "" {
		q += byAttribute(flowAttribute, []string{r.flow})
	}
	if len(r.statuses) > 0 { // one that was continued would be looked for once more
		q += " AND ExecutionStatus != 'ContinuedAsNew'" + byAttribute(statusAttribute, r.statuses)
	}
	if len(r.bases) > 0 {
		q += byAttribute(baseAttribute, r.bases)
	}
	return q
}

// pages gives the executions that a query finds, as many as fit into one answer at a time.
func (k *keeper) pages(ctx context.Context, query string) iter.Seq2[*workflowservice.ListWorkflowExecutionsResponse, error] {
	return func(yield func(*workflowservice.ListWorkflowExecutionsResponse, error) bool) {
		for token := []byte(nil); ; {
			page, err := k.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{PageSize: k.pageSize, NextPageToken: token, Query: query})
			if err != nil {
				yield(nil, k.failed(ctx, "", err))
				return
			}
			if token = page.GetNextPageToken(); !yield(page, nil) || len(token) == 0 {
				return
			}
		}
	}
}

// runsFound are the runs of executions, each as its last execution has it.
type runsFound map[pawl.RunID]item

func (k *keeper) add(to runsFound, executions []*workflowpb.WorkflowExecutionInfo) {
	for _, info := range executions {
		it, ok := k.item(info)
		was, there := to[it.ID]
		if ok && (!there || was.LastSeq < it.LastSeq || was.LastSeq == it.LastSeq && was.cut && !it.cut) {
			to[it.ID] = it
		}
	}
}

// found reads the runs within reach.
func (k *keeper) found(ctx context.Context, r reach) (runsFound, error) {
	runs := runsFound{}
	for page, err := range k.pages(ctx, k.query(r)) {
		if err != nil {
			return nil, err
		}
		k.add(runs, page.GetExecutions())
	}
	return runs, nil
}

// executions gives all executions of some runs, in pages.
func (k *keeper) executions(ctx context.Context, some []pawl.RunID) iter.Seq2[*workflowservice.ListWorkflowExecutionsResponse, error] {
	names := make([]string, 0, len(some))
	for _, id := range some {
		names = append(names, "'"+k.workflowID(id)+"'")
	}
	return func(yield func(*workflowservice.ListWorkflowExecutionsResponse, error) bool) {
		for ids := range slices.Chunk(names, idsAsked) {
			for page, err := range k.pages(ctx, k.ofRuns()+" AND WorkflowId IN ("+strings.Join(ids, ", ")+")") {
				if !yield(page, err) || err != nil {
					return
				}
			}
		}
	}
}

// resolve reads all executions of some runs, also those that are not within reach.
func (k *keeper) resolve(ctx context.Context, runs runsFound, some []pawl.RunID) error {
	for page, err := range k.executions(ctx, some) {
		if err != nil {
			return err
		}
		k.add(runs, page.GetExecutions())
	}
	return nil
}

// inOrder are runs as a list has them, the newest first.
func inOrder(runs runsFound) []item {
	return slices.SortedFunc(maps.Values(runs), func(a, b item) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt.Time), cmp.Compare(b.ID, a.ID)) })
}

// supersede says of failed runs of a list, the newest first, which one of others supersedes each,
// see journal.Row.
func supersede(list, others []item) {
	by := map[pawl.RunID]pawl.RunID{}
	for _, it := range slices.Backward(others) {
		if it.Base != "" && it.Summary.Status != pawl.StatusCanceled {
			by[it.Base] = it.ID // the newest is the last
		}
	}
	for i, it := range list {
		if it.Summary.Status == pawl.StatusFailed {
			list[i].SupersededBy = by[it.ID]
		}
	}
}

// looksBack is how far back a list is read that is to have no more than some of the newest runs,
// one after the other, before all of it is.
var looksBack = []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

// within is what has to be read for a filter.
func (k *keeper) within(f pawl.RunFilter) reach {
	r := reach{open: onlyOpen(f.Statuses)}
	if !f.Since.IsZero() {
		r.since = f.Since.Add(-skew)
	}
	if k.attribute && isAskable(f.Flow) {
		r.flow = f.Flow
	}
	if k.attribute && isFew(f.Statuses) {
		r.statuses = f.Statuses
	}
	return r
}

// matching lists the runs that a filter lets through, all of them or at least as many as it wants.
func (k *keeper) matching(ctx context.Context, f pawl.RunFilter) ([]item, error) {
	within := k.within(f)
	if within.open || len(within.statuses) > 0 {
		return k.standing(ctx, f, within)
	}
	runs := runsFound{}
	if within.flow != "" && f.After.Valid() { // it may be of another one
		if err := k.resolve(ctx, runs, []pawl.RunID{f.After}); err != nil {
			return nil, err
		}
	}
	first := true
	for page, err := range k.pages(ctx, k.query(within)) {
		if err != nil {
			return nil, err
		}
		k.add(runs, page.GetExecutions())
		if first && len(page.GetNextPageToken()) > 0 { // else a look at a part would be one more
			if some, err := k.newest(ctx, f, within); err != nil || some != nil {
				return some, err
			}
		}
		first = false
	}
	list := inOrder(runs)
	supersede(list, list) // a run is of its base's flow
	return narrowed(list, f), nil
}

// newest looks for as many runs as a filter wants among those that were created of late; nil: there
// are not as many. An execution begins after its run was created, so that all executions of these
// runs are within reach, and those of runs that have them as their base.
func (k *keeper) newest(ctx context.Context, f pawl.RunFilter, within reach) ([]item, error) {
	now := time.Now()
	for _, back := range looksBack {
		from := now.Add(-back)
		if f.Limit <= 0 || from.Before(f.Since) {
			return nil, nil
		}
		within.since = from.Add(-skew)
		runs, err := k.found(ctx, within)
		if err != nil {
			return nil, err
		}
		list := inOrder(runs)
		supersede(list, list)
		list = slices.DeleteFunc(list, func(it item) bool { return it.CreatedAt.Before(from) }) // of which others are missing
		if list = narrowed(list, f); len(list) >= f.Limit {
			return list, nil
		}
	}
	return nil, nil
}

// onlyOpen reports whether runs of these statuses have not ended. One that has failed may have.
func onlyOpen(statuses []pawl.Status) bool {
	ended := []pawl.Status{pawl.StatusDone, pawl.StatusCanceled, pawl.StatusFailed}
	return len(statuses) > 0 && !slices.ContainsFunc(statuses, func(s pawl.Status) bool { return slices.Contains(ended, s) })
}

// standing lists the runs that a filter lets through of those that stand as reach says: they have not
// ended, or have one of its statuses. Of runs that have not ended, and have failed, it is known
// which one supersedes them if the filter wants those alone that nobody does; else of all.
func (k *keeper) standing(ctx context.Context, f pawl.RunFilter, within reach) ([]item, error) {
	runs, err := k.found(ctx, within)
	if err != nil {
		return nil, err
	}
	var unsure []pawl.RunID // another execution may have gone on with them, and stands otherwise
	for id, it := range runs {
		if it.cut {
			unsure = append(unsure, id)
		}
	}
	if _, there := runs[f.After]; !there && f.After.Valid() {
		unsure = append(unsure, f.After)
	}
	slices.Sort(unsure)
	if err := k.resolve(ctx, runs, unsure); err != nil {
		return nil, err
	}
	current := f.Current
	f.Current = false
	list := narrowed(inOrder(runs), f)
	if within.open {
		list = slices.DeleteFunc(list, func(it item) bool { return it.Summary.Ended() })
	}
	if !current && within.open {
		return list, nil
	}
	others, err := k.superseding(ctx, list)
	if err != nil {
		return nil, err
	}
	supersede(list, inOrder(others))
	return slices.DeleteFunc(list, func(it item) bool { return current && it.SupersededBy != "" }), nil
}

// superseding reads the runs that may supersede failed ones of a list, the newest first.
func (k *keeper) superseding(ctx context.Context, list []item) (runsFound, error) {
	others := runsFound{}
	var failed []pawl.RunID
	var oldest time.Time
	for _, it := range list {
		if it.Summary.Status == pawl.StatusFailed {
			failed, oldest = append(failed, it.ID), it.CreatedAt.Time
		}
	}
	if len(failed) == 0 {
		return others, nil
	}
	if !k.attribute { // who supersedes a run began after it
		return k.found(ctx, reach{since: oldest.Add(-skew)})
	}
	for ids := range slices.Chunk(failed, idsAsked) {
		some, err := k.found(ctx, reach{bases: ids})
		if err != nil {
			return nil, err
		}
		maps.Copy(others, some)
	}
	return others, nil
}

// isCut reports whether an execution was ended from outside, or failed: another one may go on with
// its run.
func isCut(s enumspb.WorkflowExecutionStatus) bool {
	return s != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING && s != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
}
