package temporal

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	updatepb "go.temporal.io/api/update/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// environment is Temporal within this process, as clients see it: each workflow is executed in
// a test environment of the SDK's, and there is no server.
type environment struct {
	long      int          // as in hosted
	continued atomic.Int64 // executions by others

	mu        sync.Mutex // guards all below
	workflows map[string][]*hosted
	workers   map[string]*hosting // by their queues
}

// connection is the client of one engine. What no engine asks for is not there.
type connection struct {
	client.Client
	*environment
	converter converter.DataConverter
}

// hosting is the worker of one engine.
type hosting struct {
	worker.Worker
	of       *environment
	queue    string
	settings *settings
	ctx      context.Context // of its activities
	calls    sync.WaitGroup
	hosts    []*hosted // guarded by environment.mu
}

// connect opens an engine that works.
func (v *environment) connect(ctx context.Context, o Options) (*Engine, error) {
	s, build, err := prepared(ctx, o)
	if err != nil {
		return nil, err
	}
	e := over(&connection{environment: v, converter: s.Client.DataConverter}, s, build)
	e.keeper.poll = func(context.Context, *workflowservice.PollActivityTaskQueueRequest) error {
		return serviceerror.NewUnimplemented("there is no clock")
	}
	ctx, cut := context.WithCancel(s.ctx)
	w := &hosting{of: v, queue: e.keeper.queue, settings: s, ctx: ctx}
	v.mu.Lock()
	v.workers[w.queue] = w
	v.mu.Unlock()
	e.workers, e.does = append(e.workers, member{w, cut}), advances|calls
	s.works.Store(true)
	return e, nil
}

// Stop implements worker.Worker: the workflows are evicted, and calls that are not cut waited for.
func (w *hosting) Stop() {
	w.of.mu.Lock()
	if w.of.workers[w.queue] == w {
		delete(w.of.workers, w.queue)
	}
	hosts := w.hosts
	w.of.mu.Unlock()
	for _, x := range hosts {
		x.evict()
	}
	w.calls.Wait()
	for _, x := range hosts {
		<-x.left
	}
}

// host begins an execution. If its queue has a worker that executes it.
func (v *environment) host(id, queue string, memo *commonpb.Memo, c converter.DataConverter, input *commonpb.Payloads) {
	v.mu.Lock()
	defer v.mu.Unlock()
	run := id
	if all := v.workflows[id]; len(all) > 0 {
		run = all[len(all)-1].run + "+"
	}
	x := &hosted{id: id, run: run, queue: queue, input: input, converter: c, memo: memo, status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
		begun: make(chan struct{}), left: make(chan struct{}), changed: make(chan struct{}), long: v.long}
	x.mu.Lock()
	x.record(&historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
		WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{Input: input}}})
	x.mu.Unlock()
	v.workflows[id] = append(v.workflows[id], x)
	if w := v.workers[queue]; w != nil {
		x.calls = &w.calls
		w.hosts = append(w.hosts, x)
		x.execute(w.ctx, w.settings, func(input *commonpb.Payloads) {
			v.continued.Add(1)
			v.host(id, queue, x.memo, c, input)
		})
	}
}

// execution returns an execution of a workflow; of no name: the last one.
func (v *environment) execution(id, run string) (*hosted, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	all := v.workflows[id]
	for i := len(all) - 1; i >= 0; i-- {
		if run == "" || all[i].run == run {
			return all[i], nil
		}
	}
	return nil, serviceerror.NewNotFound("workflow not found for ID: " + id)
}

// open returns the execution of a workflow that has not ended.
func (v *environment) open(id string) (*hosted, error) {
	x, err := v.execution(id, "")
	if err == nil && x.info().Status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		err = errCompleted
	}
	return x, err
}

var errCompleted = serviceerror.NewNotFound("workflow execution already completed")

func (x *hosted) info() *workflowpb.WorkflowExecutionInfo {
	x.mu.Lock()
	defer x.mu.Unlock()
	return &workflowpb.WorkflowExecutionInfo{Execution: &commonpb.WorkflowExecution{WorkflowId: x.id, RunId: x.run}, Status: x.status, HistoryLength: int64(len(x.history)), Memo: x.memo}
}

// ExecuteWorkflow implements client.Client.
func (c *connection) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, _ any, args ...any) (client.WorkflowRun, error) {
	if x, err := c.execution(o.ID, ""); err == nil {
		failed := x.info().Status == enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED || x.info().Status == enumspb.WORKFLOW_EXECUTION_STATUS_FAILED
		if !failed || o.WorkflowIDReusePolicy == enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE {
			return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("Workflow execution already started", "", x.run)
		}
	}
	input, err := c.converter.ToPayloads(args...)
	if err != nil {
		return nil, err
	}
	memo, err := memoOf(c.converter, o.Memo)
	if err != nil {
		return nil, err
	}
	c.host(o.ID, o.TaskQueue, memo, c.converter, input)
	return nil, nil
}

// DescribeWorkflowExecution implements client.Client.
func (c *connection) DescribeWorkflowExecution(ctx context.Context, id, run string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	x, err := c.execution(id, run)
	if err != nil {
		return nil, err
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: x.info(),
		ExecutionConfig: &workflowpb.WorkflowExecutionConfig{TaskQueue: &taskqueuepb.TaskQueue{Name: x.queue}}}, nil
}

// ListWorkflow implements client.Client.
func (c *connection) ListWorkflow(_ context.Context, r *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	_, prefix, _ := strings.Cut(r.Query, "STARTS_WITH '")
	prefix, _, _ = strings.Cut(prefix, "'") // it gives all of them, whatever else is asked for
	c.mu.Lock()
	defer c.mu.Unlock()
	page := &workflowservice.ListWorkflowExecutionsResponse{}
	for id, all := range c.workflows {
		for _, x := range all {
			if strings.HasPrefix(id, prefix) {
				page.Executions = append(page.Executions, x.info())
			}
		}
	}
	return page, nil
}

// DescribeTaskQueue implements client.Client.
func (c *connection) DescribeTaskQueue(_ context.Context, queue string, _ enumspb.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := &workflowservice.DescribeTaskQueueResponse{}
	if queue = strings.TrimSuffix(queue, presenceQueue("")); c.workers[queue] != nil {
		d.Pollers = append(d.Pollers, &taskqueuepb.PollerInfo{Identity: string(lasting) + " " + queue, LastAccessTime: timestamppb.New(time.Now())})
	}
	return d, nil
}

// TerminateWorkflow implements client.Client.
func (c *connection) TerminateWorkflow(_ context.Context, id, run, _ string, _ ...any) error {
	x, err := c.execution(id, run)
	if err != nil {
		return err
	}
	if !x.close(&historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED}) {
		return errCompleted
	}
	if x.evict(); x.cut != nil {
		x.cut()
	}
	return nil
}

// came is what came of a request to a workflow.
type came struct {
	payloads *commonpb.Payloads
	err      error
}

// wait waits for what comes of a request: until the workflow ends, or the time is over.
func (x *hosted) wait(ctx context.Context, c <-chan came) (*commonpb.Payloads, error) {
	for {
		x.mu.Lock()
		changed, open := x.changed, x.status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		x.mu.Unlock()
		select {
		case is := <-c:
			return is.payloads, is.err
		default:
		}
		if !open {
			return nil, errCompleted
		}
		select {
		case is := <-c:
			return is.payloads, is.err
		case <-changed:
		case <-ctx.Done():
			return nil, serviceerror.NewDeadlineExceeded(ctx.Err().Error())
		}
	}
}

// do has something be done between two tasks of the workflow, if a worker has it.
func (x *hosted) do(f func()) {
	if x.env == nil {
		return
	}
	<-x.begun
	select {
	case <-x.left:
	default:
		x.env.RegisterDelayedCallback(f, 0)
	}
}

// QueryWorkflow implements client.Client.
func (c *connection) QueryWorkflow(ctx context.Context, id, _, name string, args ...any) (converter.EncodedValue, error) {
	x, err := c.execution(id, "")
	if err != nil {
		return nil, err
	}
	is := make(chan came, 1)
	x.do(func() {
		_, err := x.env.QueryWorkflow(name, args...)
		is <- came{err: err}
	})
	_, err = x.wait(ctx, is)
	return nil, err
}

// UpdateWorkflow implements client.Client.
func (c *connection) UpdateWorkflow(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	x, err := c.open(o.WorkflowID)
	if err != nil {
		return nil, err
	}
	u := &updating{x: x, id: o.UpdateID, came: make(chan came, 1), converter: c.converter}
	x.do(func() { x.env.UpdateWorkflow(o.UpdateName, o.UpdateID, u, o.Args...) })
	u.result, u.err = x.wait(ctx, u.came)
	return u, u.err
}

// updating is an update of a workflow, as the environment and the caller have it.
type updating struct {
	client.WorkflowUpdateHandle
	x         *hosted
	id        string
	came      chan came
	converter converter.DataConverter
	result    *commonpb.Payloads
	err       error
}

// Accept, Reject and Complete implement the environment's callbacks.
func (u *updating) Accept() {}

func (u *updating) Reject(err error) { u.x.add(nil, func() { u.came <- came{err: err} }) }

func (u *updating) Complete(v any, err error) {
	if err != nil {
		u.Reject(err)
		return
	}
	result, err := u.x.converter.ToPayloads(v)
	if err != nil {
		panic(err)
	}
	e := &historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED, Attributes: &historypb.HistoryEvent_WorkflowExecutionUpdateCompletedEventAttributes{
		WorkflowExecutionUpdateCompletedEventAttributes: &historypb.WorkflowExecutionUpdateCompletedEventAttributes{Meta: &updatepb.Meta{UpdateId: u.id},
			Outcome: &updatepb.Outcome{Value: &updatepb.Outcome_Success{Success: result}}}}}
	u.x.add(e, func() { u.came <- came{payloads: result} })
}

// Get implements client.WorkflowUpdateHandle.
func (u *updating) Get(_ context.Context, v any) error {
	return errors.Join(u.err, u.converter.FromPayloads(u.result, v))
}

// GetWorkflowHistory implements client.Client.
func (c *connection) GetWorkflowHistory(ctx context.Context, id, run string, follow bool, _ enumspb.HistoryEventFilterType) client.HistoryEventIterator {
	x, err := c.execution(id, run)
	return &reading{ctx: ctx, x: x, follow: follow, err: err}
}

// reading reads a history.
type reading struct {
	ctx    context.Context
	x      *hosted
	n      int
	follow bool
	err    error
}

// HasNext implements client.HistoryEventIterator.
func (r *reading) HasNext() bool {
	for r.err == nil {
		if r.err = r.ctx.Err(); r.err != nil {
			break
		}
		r.x.mu.Lock()
		n, open, changed := len(r.x.history), r.x.status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, r.x.changed
		r.x.mu.Unlock()
		if r.n < n || !r.follow || !open {
			return r.n < n
		}
		select {
		case <-changed:
		case <-r.ctx.Done():
			r.err = r.ctx.Err()
		}
	}
	return true
}

// Next implements client.HistoryEventIterator.
func (r *reading) Next() (*historypb.HistoryEvent, error) {
	if r.err != nil {
		return nil, r.err
	}
	r.x.mu.Lock()
	defer r.x.mu.Unlock()
	r.n++
	return r.x.history[r.n-1], nil
}

// Close implements client.Client.
func (c *connection) Close() {}
