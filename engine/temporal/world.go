package temporal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// world is where a run on Temporal is executed: a workflow. All that it says follows from
// the workflow's history.
type world struct {
	ctx    workflow.Context
	opts   *settings
	quiet  *atomic.Bool // see execution
	chance *rand.Rand
	secret []byte // of the run
	texts  uint64 // that were given
	heard  replies
	room   func(ctx workflow.Context, bytes int) // see execution.room
}

var (
	_ exec.World  = (*world)(nil)
	_ exec.Waiter = (*world)(nil)
)

// newWorld is the world of one execution of a run: what chance gives it follows from the
// run's seed and how often it was claimed.
func newWorld(ctx workflow.Context, o *settings, quiet *atomic.Bool, created journal.Created, secret []byte, epoch int64, heard replies, room func(workflow.Context, int)) *world {
	key := sha256.Sum256(fmt.Appendf(nil, "salts of %d\n%s", epoch, secret))
	return &world{ctx: ctx, opts: o, quiet: quiet, chance: rand.New(rand.NewPCG(created.Seed, uint64(epoch))), secret: key[:], heard: heard, room: room}
}

// Now implements exec.World.
func (w *world) Now() time.Time { return workflow.Now(w.ctx) }

// Chance implements exec.World.
func (w *world) Chance() float64 { return w.chance.Float64() }

// Text implements exec.World. Who has not got the run's secret cannot guess it.
func (w *world) Text() string {
	w.texts++
	mac := hmac.New(sha256.New, w.secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, w.texts))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// Await implements exec.Waiter. The context never ends.
func (w *world) Await(mail func() bool) {
	if err := workflow.Await(w.ctx, mail); err != nil {
		panic(err)
	}
	w.quiet.Store(workflow.IsReplaying(w.ctx))
}

// Go implements exec.World. Nothing here waits outside of the workflow.
func (w *world) Go(f func()) { workflow.Go(w.ctx, func(workflow.Context) { f() }) }

// timer is a timer of Temporal's.
type timer struct {
	cancel  workflow.CancelFunc
	stopped bool
}

// Stop has the timer do nothing any more.
func (t *timer) Stop() bool {
	was := t.stopped
	t.stopped = true
	t.cancel()
	return !was
}

// AfterFunc implements exec.World.
func (w *world) AfterFunc(d time.Duration, f func()) interface{ Stop() bool } {
	ctx, cancel := workflow.WithCancel(w.ctx)
	t := &timer{cancel: cancel}
	workflow.Go(ctx, func(ctx workflow.Context) {
		if err := workflow.Sleep(ctx, d); err == nil && !t.stopped {
			t.stopped = true
			f()
		}
	})
	return t
}

// Make implements exec.World: a question is an activity, the code of a step a local one.
func (w *world) Make(a exec.Attempt) {
	began := pawl.At(workflow.Now(w.ctx))
	workflow.Go(w.ctx, func(ctx workflow.Context) {
		reply, lost := w.made(ctx, a)
		if lost {
			a.Lost(began)
			return
		}
		apart(func() { a.Done(began, func() replay.Reply { return reply }) })
	})
}

// apart executes what may end its goroutine, as gates may: one of Temporal's must not end.
func apart(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// once is how activities are tried: whether an attempt is followed by another one is decided
// by internal/replay, and recorded.
var once = &temporal.RetryPolicy{MaximumAttempts: 1}

// made has the attempt be made, and reports whether nobody knows what came of it.
func (w *world) made(ctx workflow.Context, a exec.Attempt) (reply replay.Reply, lost bool) {
	var err error
	if q := a.Question(); q != nil {
		reply, err = w.ask(ctx, a, *q)
	} else {
		reply, err = w.do(ctx, a)
	}
	return reply, err != nil
}

// margin is how much longer than an attempt Temporal waits for what came of it.
const margin = 30 * time.Second

// ask asks a model by an activity. Its error says that the outcome is not known.
func (w *world) ask(ctx workflow.Context, a exec.Attempt, q exec.Question) (reply replay.Reply, err error) {
	asks := newQuestion(q)
	if asked, err := asks.digest(); err == nil {
		if raw, ok := w.heard.take(a, q, asked); ok {
			return reply, json.Unmarshal(raw, &reply)
		}
	}
	arg, size, err := pack(asks)
	if err == nil && size > w.opts.most {
		err = fmt.Errorf("the request takes %d bytes, Temporal takes at most %d in one value", size, w.opts.most)
	}
	if err != nil { // it did not leave
		return refused(a.Key(), err, "give the engine a store of blobs, or ask with less"), nil
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ActivityID: activityID(a.Key(), a.Number()), StartToCloseTimeout: q.Timeout + margin, HeartbeatTimeout: w.opts.heartbeat,
		RetryPolicy: once, Summary: cut(a.Purpose(), 200), TaskQueue: w.opts.callQueue(q.Model),
	})
	w.room(ctx, size)
	var raw rawValue
	if err := workflow.ExecuteActivity(ctx, askActivity, arg).Get(ctx, &raw); err != nil {
		if came := new(temporal.ActivityError); !errors.As(err, &came) {
			panic(err) // the store of blobs fails: the task is tried again, and the attempt is what it was
		}
		if failed := new(temporal.ApplicationError); errors.As(err, &failed) && failed.Type() == unreadableType {
			return refused(a.Key(), err, ""), nil
		}
		return reply, err
	}
	if err := unpack(raw, &reply); err != nil {
		return refused(a.Key(), err, ""), nil
	}
	return reply.Priced(w.opts.Prices, q.Model), nil // by the prices of this build, whoever made the call
}

// longestWork is how long the code of a step may take, and has to where it has no timeout of its
// own: a server ends the task that it is part of after 30 minutes by default, and the code would
// begin again from its top.
const longestWork = 25 * time.Minute

// do calls the code of a step by a local activity, in the process that executes the flow.
func (w *world) do(ctx workflow.Context, a exec.Attempt) (reply replay.Reply, err error) {
	limit := longestWork
	if d := a.Limit(); d > longestWork {
		return refused(a.Key(), fmt.Errorf("its timeout is %s, and the code of a step may take %s on Temporal", d, longestWork),
			"give it a shorter timeout, or have another program do the work and await its answer"), nil
	} else if d > 0 {
		limit = d + margin
	}
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: limit, RetryPolicy: once, Summary: cut(a.Purpose(), 200),
	})
	var raw rawValue
	if err := workflow.ExecuteLocalActivity(ctx, work{a, w.opts}.Do).Get(ctx, &raw); err != nil {
		if late := new(temporal.TimeoutError); errors.As(err, &late) || workflow.IsReplaying(ctx) {
			return reply, err
		}
		panic(err) // the worker is being stopped, or the store of blobs fails: the task is tried again
	}
	w.room(ctx, len(raw.Payload().GetData())) // it is in the task's commands by now
	if err := unpack(raw, &reply); err != nil {
		return refused(a.Key(), err, ""), nil
	}
	return reply, nil
}

// work is the code of a step where Temporal calls it.
type work struct {
	attempt exec.Attempt
	opts    *settings
}

// Do calls the code on a goroutine of its own, which that may end. When its time is over, or the
// worker is being stopped, the code's context ends; and none is called then.
func (w work) Do(ctx context.Context) (rawValue, error) {
	if ctx.Err() != nil {
		return rawValue{}, ctx.Err()
	}
	reply := replay.Reply{Error: &journal.Failure{Kind: pawl.ErrStep, Message: "its code ended its goroutine (runtime.Goexit, t.FailNow)", Hint: "mend the step, then resume"}}
	apart(func() { reply = w.attempt.ReplyUntil(ctx) })
	return w.opts.stored(ctx, reply)
}

// activityID names the activity of an attempt of a step: no two of a run that are open have one
// id. Temporal takes 1000 bytes.
func activityID(key pawl.Key, number int) string {
	id := fmt.Sprintf("%s#%d", key, number)
	if len(id) > 900 {
		sum := sha256.Sum256([]byte(key))
		id = fmt.Sprintf("%s~%x#%d", cut(string(key), 800), sum[:8], number)
	}
	return id
}
