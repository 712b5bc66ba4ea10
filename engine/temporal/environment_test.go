package temporal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// hosted is an execution of a workflow in a test environment of the SDK's. What it does is
// made into the history that a server would have.
//
// The environment's own clock skips to the next timer when nothing is in flight: whoever is to
// decide before a deadline would always be late. So something always is, and
// the environment fires its timers by time.AfterFunc, that is by the clock of the bubble.
type hosted struct {
	interceptor.WorkerInterceptorBase
	id, run, queue string
	input          *commonpb.Payloads
	converter      converter.DataConverter
	cut            context.CancelFunc // ends its activities

	env     *testsuite.TestWorkflowEnvironment // nil: no worker has it
	calls   *sync.WaitGroup                    // of its worker
	begun   chan struct{}                      // closed: the workflow has, and can be told something
	left    chan struct{}                      // closed: the environment executes nothing any more
	long    int                                // events after which Temporal suggests another execution; 0: never
	changed chan struct{}                      // closed when something is added

	mu      sync.Mutex // guards all below, and changed
	status  enumspb.WorkflowExecutionStatus
	memo    *commonpb.Memo
	history []*historypb.HistoryEvent
	task    []added // of the task that is being executed
	gone    bool    // as left
	evicted bool    // it is out of its worker's memory
}

// added is what a task of the workflow adds to the history, and what follows when it is there.
type added struct {
	*historypb.HistoryEvent
	then func()
}

const (
	holdActivity = "hold"
	endSignal    = "end"
	forEver      = 5 * 365 * 24 * time.Hour
)

// execute executes the workflow until it ends or is evicted, on a goroutine of its own.
func (x *hosted) execute(ctx context.Context, s *settings, next func(input *commonpb.Payloads)) {
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(s.log))
	x.env = suite.NewTestWorkflowEnvironment()
	x.env.SetTestTimeout(forEver)
	x.env.SetDataConverter(s.Client.DataConverter)
	ctx, x.cut = context.WithCancel(ctx)
	x.env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{x}, BackgroundActivityContext: ctx, DeadlockDetectionTimeout: deadlock})
	x.env.RegisterWorkflowWithOptions(s.run, workflow.RegisterOptions{Name: workflowType})
	x.env.RegisterActivityWithOptions(s.ask, activity.RegisterOptions{Name: askActivity})
	x.env.RegisterActivityWithOptions(func(context.Context) error { <-x.left; return nil }, activity.RegisterOptions{Name: holdActivity})
	var raw rawValue
	if err := s.Client.DataConverter.FromPayloads(x.input, &raw); err != nil {
		panic(err)
	}
	go func() {
		x.env.ExecuteWorkflow(workflowType, raw)
		x.end(next)
		close(x.left)
	}()
}

// end adds what the environment left, and how the workflow ended.
func (x *hosted) end(next func(*commonpb.Payloads)) {
	last := &historypb.HistoryEvent{}
	var raw rawValue
	var anew *workflow.ContinueAsNewError
	switch err := x.env.GetWorkflowError(); {
	case err == nil && x.env.GetWorkflowResult(&raw) == nil:
		result, err := x.converter.ToPayloads(raw)
		if err != nil {
			panic(err)
		}
		last.EventType = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED
		last.Attributes = &historypb.HistoryEvent_WorkflowExecutionCompletedEventAttributes{WorkflowExecutionCompletedEventAttributes: &historypb.WorkflowExecutionCompletedEventAttributes{Result: result}}
	case errors.As(err, &anew):
		next(anew.Input)
		last.EventType = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW
		last.Attributes = &historypb.HistoryEvent_WorkflowExecutionContinuedAsNewEventAttributes{WorkflowExecutionContinuedAsNewEventAttributes: &historypb.WorkflowExecutionContinuedAsNewEventAttributes{NewExecutionRunId: x.run + "+"}}
	default:
		last.EventType = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED
	}
	x.store()
	x.mu.Lock()
	x.gone = true
	evicted := x.evicted
	x.mu.Unlock()
	if !evicted {
		x.close(last)
	}
}

// statuses are how workflows end.
var statuses = map[enumspb.EventType]enumspb.WorkflowExecutionStatus{
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:        enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED,
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW,
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:           enumspb.WORKFLOW_EXECUTION_STATUS_FAILED,
	enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:       enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED,
}

// close adds the last event of the history, and reports whether the workflow was open.
func (x *hosted) close(last *historypb.HistoryEvent) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return false
	}
	x.record(last)
	x.status = statuses[last.EventType]
	return true
}

// evict takes the workflow out of its worker's memory.
func (x *hosted) evict() {
	if x.env != nil {
		<-x.begun
		x.env.SignalWorkflow(endSignal, nil)
	}
}

// record adds to the history of an open workflow; x.mu is held.
func (x *hosted) record(e *historypb.HistoryEvent) {
	if x.status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return
	}
	e.EventId = int64(len(x.history)) + 1
	x.history = append(x.history, e)
	close(x.changed)
	x.changed = make(chan struct{})
}

// add has an event be in the history when the task that is being executed has ended.
func (x *hosted) add(e *historypb.HistoryEvent, then func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.gone {
		x.record(e)
		return
	}
	if x.task = append(x.task, added{e, then}); len(x.task) == 1 {
		x.env.RegisterDelayedCallback(x.store, 0)
	}
}

// store ends a task.
func (x *hosted) store() {
	x.mu.Lock()
	task := x.task
	x.task = nil
	for _, a := range task {
		if a.HistoryEvent != nil {
			x.record(a.HistoryEvent)
		}
	}
	if x.long > 0 && len(x.history) >= x.long {
		x.env.SetContinueAsNewSuggested(true)
	}
	x.mu.Unlock()
	for _, a := range task {
		if a.then != nil {
			a.then()
		}
	}
}

// InterceptWorkflow implements interceptor.WorkerInterceptor.
func (x *hosted) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &inbound{interceptor.WorkflowInboundInterceptorBase{Next: next}, x}
}

type inbound struct {
	interceptor.WorkflowInboundInterceptorBase
	x *hosted
}

// Init implements interceptor.WorkflowInboundInterceptor.
func (i *inbound) Init(next interceptor.WorkflowOutboundInterceptor) error {
	return i.Next.Init(&outbound{interceptor.WorkflowOutboundInterceptorBase{Next: next}, i.x})
}

// ExecuteWorkflow implements interceptor.WorkflowInboundInterceptor.
func (i *inbound) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (out any, err error) {
	close(i.x.begun)
	workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: forEver}), holdActivity)
	done, end := false, workflow.GetSignalChannel(ctx, endSignal)
	workflow.Go(ctx, func(ctx workflow.Context) {
		out, err = i.Next.ExecuteWorkflow(ctx, in)
		done = true
	})
	free, _ := workflow.NewDisconnectedContext(ctx)
	if err := workflow.Await(free, func() bool { return done || end.Len() > 0 }); err != nil {
		return nil, err
	}
	if done {
		return out, err
	}
	i.x.mu.Lock()
	i.x.evicted = true
	i.x.mu.Unlock()
	return nil, errors.New("evicted")
}

type outbound struct {
	interceptor.WorkflowOutboundInterceptorBase
	x *hosted
}

// wind sets the environment's clock, which moves by timers alone.
func (o *outbound) wind() {
	if now := time.Now(); now.After(o.x.env.Now()) {
		o.x.env.SetStartTime(now)
	}
}

// Now implements interceptor.WorkflowOutboundInterceptor.
func (o *outbound) Now(ctx workflow.Context) time.Time {
	o.wind()
	return o.Next.Now(ctx)
}

// NewTimerWithOptions implements interceptor.WorkflowOutboundInterceptor. Every timer is made by it.
func (o *outbound) NewTimerWithOptions(ctx workflow.Context, d time.Duration, opts workflow.TimerOptions) workflow.Future {
	o.wind()
	return o.Next.NewTimerWithOptions(ctx, d, opts)
}

// SideEffect implements interceptor.WorkflowOutboundInterceptor.
func (o *outbound) SideEffect(ctx workflow.Context, f func(workflow.Context) any) converter.EncodedValue {
	return o.Next.SideEffect(ctx, func(ctx workflow.Context) any {
		v := f(ctx)
		data, err := o.x.converter.ToPayloads(v)
		if err != nil {
			panic(err)
		}
		o.x.add(&historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_MARKER_RECORDED, Attributes: &historypb.HistoryEvent_MarkerRecordedEventAttributes{
			MarkerRecordedEventAttributes: &historypb.MarkerRecordedEventAttributes{MarkerName: "SideEffect", Details: map[string]*commonpb.Payloads{"data": data}}}}, nil)
		return v
	})
}

// UpsertMemo implements interceptor.WorkflowOutboundInterceptor.
func (o *outbound) UpsertMemo(ctx workflow.Context, values map[string]any) error {
	memo, err := memoOf(o.x.converter, values)
	if err != nil {
		return err
	}
	e := &historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED}
	o.x.add(e, func() {
		o.x.mu.Lock()
		defer o.x.mu.Unlock()
		o.x.memo = memo
	})
	return o.Next.UpsertMemo(ctx, values)
}

func memoOf(c converter.DataConverter, values map[string]any) (*commonpb.Memo, error) {
	memo := &commonpb.Memo{Fields: map[string]*commonpb.Payload{}}
	for name, v := range values {
		p, err := c.ToPayload(v)
		if err != nil {
			return nil, err
		}
		memo.Fields[name] = p
	}
	return memo, nil
}

// ExecuteActivity implements interceptor.WorkflowOutboundInterceptor.
func (o *outbound) ExecuteActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	if name == askActivity {
		input, err := o.x.converter.ToPayloads(args...)
		if err != nil {
			panic(err)
		}
		o.x.add(&historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, Attributes: &historypb.HistoryEvent_ActivityTaskScheduledEventAttributes{
			ActivityTaskScheduledEventAttributes: &historypb.ActivityTaskScheduledEventAttributes{
				ActivityId: workflow.GetActivityOptions(ctx).ActivityID, ActivityType: &commonpb.ActivityType{Name: name}, Input: input}}}, nil)
	}
	return o.Next.ExecuteActivity(ctx, name, args...)
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (x *hosted) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &calling{interceptor.ActivityInboundInterceptorBase{Next: next}, x}
}

type calling struct {
	interceptor.ActivityInboundInterceptorBase
	x *hosted
}

// ExecuteActivity implements interceptor.ActivityInboundInterceptor: a server stores a result
// when it arrives, whether there is a worker for the workflow or not.
func (a *calling) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	info := activity.GetInfo(ctx)
	if info.ActivityType.Name != askActivity {
		return a.Next.ExecuteActivity(ctx, in)
	}
	a.x.calls.Add(1)
	defer a.x.calls.Done()
	out, err := a.Next.ExecuteActivity(ctx, in)
	if err == nil {
		result, err := a.x.converter.ToPayloads(out)
		if err != nil {
			return nil, err
		}
		a.x.add(&historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED, Attributes: &historypb.HistoryEvent_ActivityTaskCompletedEventAttributes{
			ActivityTaskCompletedEventAttributes: &historypb.ActivityTaskCompletedEventAttributes{ScheduledEventId: a.x.scheduled(info.ActivityID), Result: result}}}, nil)
	}
	return out, err
}

// scheduled is the event that scheduled an activity.
func (x *hosted) scheduled(activity string) int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := len(x.history)
	for i := n + len(x.task) - 1; i >= 0; i-- {
		var e *historypb.HistoryEvent
		if i >= n {
			e = x.task[i-n].HistoryEvent
		} else {
			e = x.history[i]
		}
		if e.GetActivityTaskScheduledEventAttributes().GetActivityId() == activity {
			return int64(i) + 1
		}
	}
	panic(fmt.Sprintf("activity %q was not scheduled", activity))
}
