package temporal

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// catalog is Temporal's list of workflows, as far as lists of runs ask for it. What it does not
// understand it refuses.
type catalog struct {
	client.Client
	executions []*workflowpb.WorkflowExecutionInfo
	asked      atomic.Int32                                            // how often it was
	described  int                                                     // how often a run was
	attributes map[*workflowpb.WorkflowExecutionInfo]map[string]string // nil: there are none
	found      map[string][]*workflowpb.WorkflowExecutionInfo          // by query, when it was asked last
}

var (
	isType   = regexp.MustCompile(`^WorkflowType='pawl\.run'$`)
	begins   = regexp.MustCompile(`^WorkflowId STARTS_WITH '(.+)'$`)
	isOneOf  = regexp.MustCompile(`^WorkflowId IN \((.+)\)$`)
	started  = regexp.MustCompile(`^StartTime >= '(.+)'$`)
	notEnded = regexp.MustCompile(`^ExecutionStatus NOT IN \('Completed', 'ContinuedAsNew'\)$`)
	cutOnly  = regexp.MustCompile(`^ExecutionStatus='Terminated'$`)
	closedIn = regexp.MustCompile(`^CloseTime >= '(.+)'$`)
	hasNot   = regexp.MustCompile(`^ExecutionStatus != 'ContinuedAsNew'$`)
	hasIn    = regexp.MustCompile(`^\((Pawl\w+) IN \((.+)\) OR PawlStatus IS NULL\)$`)
	recently = regexp.MustCompile(`^\(ExecutionStatus NOT IN \('Completed', 'ContinuedAsNew'\) OR CloseTime >= '(.+)'\)$`)
)

func (c *catalog) ListWorkflow(_ context.Context, r *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	c.asked.Add(1)
	if len(r.GetNextPageToken()) == 0 {
		if err := c.find(r.GetQuery()); err != nil {
			return nil, err
		}
	}
	found := c.found[r.GetQuery()]
	from := 0
	if len(r.GetNextPageToken()) > 0 {
		from, _ = strconv.Atoi(string(r.GetNextPageToken()))
	}
	to := min(from+int(r.GetPageSize()), len(found))
	page := &workflowservice.ListWorkflowExecutionsResponse{Executions: found[from:to]}
	if to < len(found) {
		page.NextPageToken = []byte(strconv.Itoa(to))
	}
	return page, nil
}

// find finds executions, in whatever order.
func (c *catalog) find(query string) error {
	found := slices.Clone(c.executions)
	for part := range strings.SplitSeq(query, " AND ") {
		holds, err := c.holding(part)
		if err != nil {
			return err
		}
		found = slices.DeleteFunc(found, func(e *workflowpb.WorkflowExecutionInfo) bool { return !holds(e) })
	}
	rand.New(rand.NewPCG(uint64(len(found)), 1)).Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	c.found[query] = found
	return nil
}

// holding says which executions a part of a query lets through.
func (c *catalog) holding(part string) (func(*workflowpb.WorkflowExecutionInfo) bool, error) {
	given := func(re *regexp.Regexp) string { return re.FindStringSubmatch(part)[1] }
	at := func(re *regexp.Regexp) time.Time {
		t, err := time.Parse(time.RFC3339Nano, given(re))
		if err != nil {
			panic(err)
		}
		return t
	}
	open := func(e *workflowpb.WorkflowExecutionInfo) bool {
		return e.GetStatus() != isDone && e.GetStatus() != isContinued
	}
	switch {
	case isType.MatchString(part):
		return func(*workflowpb.WorkflowExecutionInfo) bool { return true }, nil
	case begins.MatchString(part):
		prefix := given(begins)
		return func(e *workflowpb.WorkflowExecutionInfo) bool {
			return strings.HasPrefix(e.GetExecution().GetWorkflowId(), prefix)
		}, nil
	case isOneOf.MatchString(part):
		ids := strings.Split(given(isOneOf), ", ")
		return func(e *workflowpb.WorkflowExecutionInfo) bool {
			return slices.Contains(ids, "'"+e.GetExecution().GetWorkflowId()+"'")
		}, nil
	case started.MatchString(part):
		since := at(started)
		return func(e *workflowpb.WorkflowExecutionInfo) bool { return !e.GetStartTime().AsTime().Before(since) }, nil
	case notEnded.MatchString(part):
		return open, nil
	case cutOnly.MatchString(part):
		return func(e *workflowpb.WorkflowExecutionInfo) bool { return e.GetStatus() == isEnded }, nil
	case closedIn.MatchString(part):
		since := at(closedIn)
		return func(e *workflowpb.WorkflowExecutionInfo) bool {
			return e.GetCloseTime() != nil && !e.GetCloseTime().AsTime().Before(since)
		}, nil
	case hasNot.MatchString(part):
		return func(e *workflowpb.WorkflowExecutionInfo) bool { return e.GetStatus() != isContinued }, nil
	case recently.MatchString(part):
		since := at(recently)
		return func(e *workflowpb.WorkflowExecutionInfo) bool {
			return open(e) || !e.GetCloseTime().AsTime().Before(since)
		}, nil
	}
	if m := hasIn.FindStringSubmatch(part); m != nil && c.attributes != nil {
		values := strings.Split(m[2], ", ")
		return func(e *workflowpb.WorkflowExecutionInfo) bool {
			has := c.attributes[e]
			return slices.Contains(values, "'"+has[m[1]]+"'") || has["PawlStatus"] == ""
		}, nil
	}
	return nil, serviceerror.NewInvalidArgument("invalid query: " + part)
}

// add adds an execution that began then; one that is not open ended a minute later. One of a run with
// a model has no attributes.
func (c *catalog) add(t *testing.T, k *keeper, it item, began time.Time, status enumspb.WorkflowExecutionStatus) {
	t.Helper()
	raw, _, err := pack(listedOf(it.Row, it.open, it.text))
	if err != nil {
		t.Fatal(err)
	}
	memo, err := k.converter.ToPayload(raw)
	if err != nil {
		t.Fatal(err)
	}
	info := &workflowpb.WorkflowExecutionInfo{Execution: &commonpb.WorkflowExecution{WorkflowId: k.workflowID(it.ID)}, Status: status, StartTime: timestamppb.New(began),
		Memo: &commonpb.Memo{Fields: map[string]*commonpb.Payload{memoKey: memo}}}
	if status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		info.CloseTime = timestamppb.New(began.Add(time.Minute))
	}
	c.executions = append(c.executions, info)
	if c.attributes != nil && it.Model == "" {
		c.attributes[info] = map[string]string{"PawlFlow": it.Flow, "PawlStatus": string(it.Summary.Status), "PawlBase": string(it.Base)}
	}
}

// newItem is a run of a list that was created then.
func newItem(n int, status pawl.Status, created time.Time) item {
	id := []byte("000000000000")
	for i := 11; n > 0; i, n = i-1, n/10 {
		id[i] += byte(n % 10)
	}
	return item{Row: journal.Row{ID: pawl.RunID(id), Flow: "f", Summary: journal.Summary{Status: status}, CreatedAt: pawl.At(created), UpdatedAt: pawl.At(created), LastSeq: 2}}
}

const (
	isOpen      = enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	isDone      = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	isEnded     = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
	isContinued = enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW
)

// TestListsCost counts what lists ask Temporal for, of 100 pages of runs that were created over 100
// days: docs/scale.md says it for pages of a thousand.
func TestListsCost(t *testing.T) {
	const page, pages = 100, 100
	now := time.Now()
	c := &catalog{found: map[string][]*workflowpb.WorkflowExecutionInfo{}}
	k := stubbed(t, c)
	k.pageSize = page
	for n := range page * pages {
		created := now.Add(-time.Duration(n) * (100 * 24 * time.Hour / (page * pages))) // 100 in a day
		if n%50 == 0 {                                                                  // 200 of them
			c.add(t, k, newItem(n, pawl.StatusWaiting, created), created, isOpen)
			continue
		}
		c.add(t, k, newItem(n, pawl.StatusDone, created), created, isDone)
	}
	asked := func(what func() (int, error), wantRuns, want int) {
		t.Helper()
		c.asked.Store(0)
		if n, err := what(); err != nil || n != wantRuns || int(c.asked.Load()) != want {
			t.Errorf("%d runs, %v, with %d requests; want %d with %d", n, err, c.asked.Load(), wantRuns, want)
		}
	}
	runs := func(f pawl.RunFilter) func() (int, error) {
		return func() (int, error) { rows, err := k.Runs(t.Context(), f); return len(rows), err }
	}
	asked(runs(pawl.RunFilter{}), 10_000, 100)
	asked(runs(pawl.RunFilter{Limit: 20}), 20, 4)                                           // a page, an hour, a day
	asked(runs(pawl.RunFilter{Since: now.Add(-24 * time.Hour).Add(-time.Minute)}), 101, 2)  // a day
	asked(runs(pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusWaiting}}), 200, 2)        // those that have not ended
	asked(runs(pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusFailed}}), 0, 100)         // may have ended
	asked(runs(pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusDone}, Limit: 20}), 20, 4) // are among the newest
	k.attribute, c.attributes = true, map[*workflowpb.WorkflowExecutionInfo]map[string]string{}
	for n, e := range c.executions {
		c.attributes[e] = map[string]string{"PawlFlow": "f", "PawlStatus": map[bool]string{true: "waiting", false: "done"}[n%50 == 0]}
	}
	asked(runs(pawl.RunFilter{Flow: "none", Limit: 20}), 0, 1)
	asked(runs(pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusFailed}}), 0, 1)
	asked(runs(pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusWaiting}}), 200, 2)
	asked(runs(pawl.RunFilter{Statuses: []pawl.Status{pawl.StatusDone}, Flow: "f", Limit: 20}), 20, 4)
	k.attribute, c.attributes = false, nil
	asked(runs(pawl.RunFilter{Flow: "none", Limit: 20}), 0, 1+1+2+8+99) // are nowhere
	asked(func() (int, error) {
		open, err := k.OpenBlockers(t.Context(), pawl.RunFilter{Current: true})
		return len(open), err
	}, 0, 2)
	asked(func() (int, error) { _, err := k.look(t.Context()); return 0, err }, 0, 3) // what ended in the last 20 minutes, too
	asked(func() (int, error) { _, err := k.look(t.Context()); return 0, err }, 0, 2)
}

// TestListsAreWhole: what is asked for less is the list that whoever knows all runs gives.
func TestListsAreWhole(t *testing.T) {
	for seed := range uint64(24) {
		chance := rand.New(rand.NewPCG(seed, 1))
		pick := func(of ...pawl.Status) pawl.Status { return of[chance.IntN(len(of))] }
		c := &catalog{found: map[string][]*workflowpb.WorkflowExecutionInfo{}}
		k := stubbed(t, c)
		k.pageSize = int32(1 + chance.IntN(60))
		if seed%2 == 1 {
			k.attribute, c.attributes = true, map[*workflowpb.WorkflowExecutionInfo]map[string]string{}
		}
		now, runs := time.Now(), []item{}
		for n := range 120 {
			created := now.Add(-time.Duration(chance.ExpFloat64() * float64(5*24*time.Hour)))
			it := newItem(n, pawl.StatusWaiting, created)
			it.Flow = string('f' + rune(chance.IntN(3)))
			it.Model = []string{"", "", "old"}[chance.IntN(3)]
			if len(runs) > 0 && chance.IntN(2) == 0 {
				if base := runs[chance.IntN(len(runs))]; base.CreatedAt.Before(created) {
					it.Base, it.Flow = base.ID, base.Flow
				}
			}
			began := created
			for chance.IntN(3) == 0 { // it was continued, or taken over
				c.add(t, k, it, began, []enumspb.WorkflowExecutionStatus{isEnded, isContinued}[chance.IntN(2)])
				began = began.Add(time.Duration(chance.Int64N(int64(now.Sub(began)))))
				if chance.IntN(2) == 0 {
					it.LastSeq++
					it.Summary.Status = pick(pawl.StatusWaiting, pawl.StatusFailed)
				}
			}
			status := []enumspb.WorkflowExecutionStatus{isOpen, isOpen, isDone, isEnded}[chance.IntN(4)]
			if status == isDone {
				it.Summary.Status = pick(pawl.StatusDone, pawl.StatusCanceled)
				it.LastSeq++
			} else if chance.IntN(2) == 0 {
				it.Summary.Status = pick(pawl.StatusWaiting, pawl.StatusFailed, pawl.StatusFailed, pawl.StatusPaused)
				it.LastSeq++
			}
			it.Held = status == isOpen && chance.IntN(2) == 0
			c.add(t, k, it, began, status)
			runs = append(runs, it)
		}
		chance.Shuffle(len(c.executions), func(i, j int) { c.executions[i], c.executions[j] = c.executions[j], c.executions[i] })
		slices.SortFunc(runs, func(a, b item) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt.Time), cmp.Compare(b.ID, a.ID)) })
		for i, it := range runs {
			for _, by := range slices.Backward(runs) {
				if it.Summary.Status == pawl.StatusFailed && by.Base == it.ID && by.Summary.Status != pawl.StatusCanceled {
					runs[i].SupersededBy = by.ID
				}
			}
		}
		for range 40 {
			f := pawl.RunFilter{Limit: chance.IntN(2) * chance.IntN(40), Current: chance.IntN(2) == 0}
			if chance.IntN(2) == 0 {
				f.Statuses = []pawl.Status{pick(pawl.Status("").All()...), pick(pawl.Status("").All()...)}[:1+chance.IntN(2)]
			}
			if chance.IntN(3) == 0 {
				f.Since = now.Add(-time.Duration(chance.Int64N(int64(20 * 24 * time.Hour))))
			}
			if chance.IntN(3) == 0 {
				f.After = runs[chance.IntN(len(runs))].ID
			}
			if chance.IntN(3) == 0 {
				f.Flow = "g"
			}
			var want, got []string
			for _, it := range narrowed(runs, f) {
				want = append(want, fmt.Sprint(it.ID, " ", it.Summary.Status, it.Held, " ", it.SupersededBy))
			}
			if f.Limit > 0 {
				want = want[:min(len(want), f.Limit)]
			}
			rows, err := k.Runs(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range rows {
				got = append(got, fmt.Sprint(it.ID, " ", it.Summary.Status, it.Held, " ", it.SupersededBy))
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, %+v: %d runs, want %d\n%v\n%v", seed, f, len(got), len(want), got, want)
			}
			f.Limit = 0
			list, err := k.standing(t.Context(), f, openOf(k, f))
			if err != nil {
				t.Fatal(err)
			}
			got, want = nil, nil
			for _, it := range list {
				got = append(got, string(it.ID))
			}
			for _, it := range narrowed(runs, f) {
				if !it.Summary.Ended() {
					want = append(want, string(it.ID))
				}
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, %+v: open are %d, want %d\n%v\n%v", seed, f, len(got), len(want), got, want)
			}
		}
	}
}

// TestListsOnServers: Temporal takes the questions that are asked of its list.
func TestListsOnServers(t *testing.T) { temporaltest.Each(t, testListsOnServers) }

func testListsOnServers(t *testing.T, s *temporaltest.Server) {
	f := asksOf("test/one")
	e := rated(t, s, nil)("one", Options{Models: llm.Catalog{"test": asker(nil)}, Flows: []pawl.Flow{f}})
	const n = 9
	for range n {
		id := enginetest.Start(t, e, f) // nobody executes it
		if err := e.client.TerminateWorkflow(t.Context(), e.keeper.workflowID(id), "", "a test"); err != nil {
			t.Fatal(err)
		}
		enginetest.Start(t, e, f)
	}
	k := e.keeper
	for all, cut := 0, 0; all != 2*n || cut != n; { // the list lags behind
		runs, err := k.found(t.Context(), reach{})
		if err != nil {
			t.Fatal(err)
		}
		all, cut = len(runs), 0
		for _, it := range runs {
			if it.cut {
				cut++
			}
		}
	}
	for what, f := range map[string]pawl.RunFilter{
		"all": {}, "some": {Limit: 4}, "since": {Since: time.Now().Add(-time.Hour)}, "open": {Statuses: []pawl.Status{pawl.StatusRunning}},
		"open since": {Statuses: []pawl.Status{pawl.StatusRunning}, Since: time.Now().Add(-time.Hour)},
	} {
		k.pageSize = 5
		rows, err := k.Runs(t.Context(), f)
		if want := cmp.Or(f.Limit, 2*n); err != nil || len(rows) != want {
			t.Errorf("%s: %d runs, %v, want %d", what, len(rows), err, want)
		}
	}
	for range 2 {
		if _, err := k.look(t.Context()); err != nil || len(k.feed.known) != 2*n {
			t.Errorf("%d runs are known, %v", len(k.feed.known), err)
		}
	}
}

// TestFeedKnows: what had been committed when somebody looked first is not told later, also of runs
// that have ended, or that somebody goes on with whose workflow was ended long ago.
func TestFeedKnows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &catalog{found: map[string][]*workflowpb.WorkflowExecutionInfo{}}
		k := stubbed(t, c)
		for n, ago := range []time.Duration{time.Hour, skew, time.Minute} {
			c.add(t, k, newItem(n, pawl.StatusDone, time.Now().Add(-ago)), time.Now().Add(-ago), isDone)
		}
		old := newItem(3, pawl.StatusWaiting, time.Now().Add(-24*time.Hour))
		c.add(t, k, old, old.CreatedAt.Time, isEnded)
		for range 100 {
			if _, err := k.look(t.Context()); err != nil || c.described > 0 {
				t.Fatalf("%d runs are read, %v", c.described, err)
			}
			time.Sleep(feedIdle)
		}
		old.LastSeq++
		c.add(t, k, old, time.Now(), isOpen)
		if _, err := k.look(t.Context()); err != nil || c.described != 1 || k.feed.known[old.ID] != old.LastSeq-1 {
			t.Errorf("%d runs are read, %v; the one that goes on is known up to %d", c.described, err, k.feed.known[old.ID])
		}
		c.add(t, k, newItem(4, pawl.StatusDone, time.Now()), time.Now(), isDone) // it began and ended between two looks
		if _, err := k.look(t.Context()); err != nil || c.described != 3 {
			t.Errorf("%d runs are read, %v", c.described, err)
		}
	})
}

// TestFeedLooksLess: while nothing changes Temporal is asked less and less often, more often while a
// run is executed, and at once where this process has changed one.
func TestFeedLooksLess(t *testing.T) {
	for _, busy := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c := &catalog{found: map[string][]*workflowpb.WorkflowExecutionInfo{}}
			k := stubbed(t, c)
			it := newItem(1, pawl.StatusRunning, time.Now())
			it.Held = busy
			c.add(t, k, it, time.Now(), isOpen)
			mark, err := k.Changes(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error)
			go func() { _, err := k.Changes(ctx, mark); done <- err }()
			count := func(d time.Duration) int {
				was := c.asked.Load()
				time.Sleep(d)
				synctest.Wait()
				return int(c.asked.Load() - was)
			}
			count(time.Minute)
			if n, want := count(time.Minute), int(time.Minute/feedIdle); !busy && n != want {
				t.Errorf("at rest it is asked %d times in a minute, want %d", n, want)
			} else if want = int(time.Minute / feedBusy); busy && n != want {
				t.Errorf("in execution it is asked %d times in a minute, want %d", n, want)
			}
			count(feedBusy / 2) // between two looks
			if b := newborn(t); !busy {
				if _, err := k.Create(t.Context(), b.Run, []journal.Draft{{Type: pawl.EventCreated, At: dawn, Body: journal.Created{Flow: "asks", Input: []byte(`{}`)}}}); err != nil {
					t.Fatal(err)
				}
				if n := count(feedGap); n != 2 {
					t.Errorf("after a change it is asked %d times within %s, want 2", n, feedGap)
				}
			}
			cancel()
			if err := <-done; pawl.AsError(err, "").Kind != pawl.ErrStopped {
				t.Error(err)
			}
		})
	}
}

func (c *catalog) ExecuteWorkflow(context.Context, client.StartWorkflowOptions, any, ...any) (client.WorkflowRun, error) {
	return nil, nil
}

func (c *catalog) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	c.described++
	return nil, serviceerror.NewNotFound("none")
}

func openOf(k *keeper, f pawl.RunFilter) reach {
	r := k.within(f)
	r.open = true
	return r
}
