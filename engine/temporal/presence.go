package temporal

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// A process that executes runs of a build shows that it is there by asking, again and again, for
// work of a queue that never has any. So it is known also while all its places are taken, when it
// asks for no other work; and a process that lasts is told from a command that is about to end.
const (
	beat   = 5 * time.Second      // how long it asks each time
	missed = 3*beat + time.Second // for how long nobody is heard of who is gone
)

// polled is how long ago a process may have shown itself to count as there: one that was killed
// counts for as long.
const polled = 2 * time.Minute

// role is what a process is for the runs of its build.
type role string

const (
	lasting role = "worker"  // it executes runs until somebody stops it
	passing role = "command" // it executes runs as long as a command takes
	gone    role = "ended"   // it does no longer
)

// presence is a process that executes runs of a build, as the server knows it.
type presence struct {
	name string
	role role
	at   time.Time // when it showed itself last, by the server's clock
}

// stays ends the name of a worker that takes nothing over by itself, see Options.Stay.
const stays = "/stays"

// sweeps reports whether a process takes over what other builds leave.
func (p presence) sweeps() bool { return p.role == lasting && !strings.HasSuffix(p.name, stays) }

// presenceQueue is where the processes show themselves that execute the runs of a queue.
func presenceQueue(queue string) string { return queue + "-there" }

// newName names a process among those of its build. No two have one name.
func newName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%d@%s/%s", os.Getpid(), host, crand.Text()[:10])
}

// sign is how this process shows itself.
type sign struct {
	keeper *keeper
	name   string

	mu   sync.Mutex // guards all below
	is   role       // empty: it does not show itself
	hide func()     // ends the showing, and returns when it has
}

// turn has the server know from now on what this process is. It returns when it knows, if that is
// gone.
func (s *sign) turn(is role) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.is == is || s.is == gone || s.is == "" && is == gone {
		return
	}
	if s.hide != nil {
		s.hide()
	}
	if s.is = is; is == gone {
		s.keeper.sayGone(s.name)
		return
	}
	ctx, cancel := context.WithCancel(s.keeper.settings.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.keeper.show(ctx, s.name, is)
	}()
	s.hide = func() {
		cancel()
		<-done
	}
}

// show has the server know that this process is there, until ctx ends.
func (k *keeper) show(ctx context.Context, name string, is role) {
	for ctx.Err() == nil {
		began := time.Now()
		k.beat(ctx, k.queue, presence{name: name, role: is})
		select { // where the server refuses at once
		case <-time.After(beat - time.Since(began)):
		case <-ctx.Done():
		}
	}
}

// sayGone has the server know that a process is not there any more.
func (k *keeper) sayGone(name string) {
	k.appear(k.settings.ctx, k.queue, presence{name: name, role: gone})
}

// appear has the server know that somebody shows himself at a queue's, and returns when that was, by
// the server's clock. Not ok: it does not say so in time.
func (k *keeper) appear(ctx context.Context, queue string, is presence) (at time.Time, ok bool) {
	saying, hush := context.WithCancel(context.WithoutCancel(ctx)) // which is of no short time
	refused := make(chan struct{})
	go func() {
		defer close(refused)
		k.beat(saying, queue, is)
	}()
	ctx, cancel := context.WithTimeout(ctx, beat)
	defer func() {
		cancel()
		hush()
		<-refused
	}()
	for wait, last := time.Millisecond, false; ; wait *= 2 {
		all, err := k.shown(ctx, queue)
		if i := slices.IndexFunc(all, func(p presence) bool { return p.name == is.name && p.role == is.role }); i >= 0 {
			return all[i].at, true
		}
		if last || err != nil {
			return time.Time{}, false
		}
		select {
		case <-time.After(wait):
		case <-refused:
			last = true
		case <-ctx.Done():
			return time.Time{}, false
		}
	}
}

// beat shows somebody once.
func (k *keeper) beat(ctx context.Context, queue string, is presence) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute) // servers log requests for work with short ones
	defer cancel()
	defer time.AfterFunc(beat, cancel).Stop()
	err := k.poll(ctx, &workflowservice.PollActivityTaskQueueRequest{
		Namespace: k.settings.namespace(), TaskQueue: &taskqueuepb.TaskQueue{Name: presenceQueue(queue), Kind: enumspb.TASK_QUEUE_KIND_NORMAL},
		Identity: string(is.role) + " " + is.name,
	})
	if err != nil && ctx.Err() == nil {
		k.settings.log.Debug("this process cannot be shown to be there", "error", err.Error())
	}
}

// namespace is that of all requests.
func (s *settings) namespace() string {
	if s.Client.Namespace == "" {
		return client.DefaultNamespace
	}
	return s.Client.Namespace
}

// shown are all processes that have shown themselves lately at a queue's, in all their roles.
func (k *keeper) shown(ctx context.Context, queue string) ([]presence, error) {
	d, err := k.client.DescribeTaskQueue(ctx, presenceQueue(queue), enumspb.TASK_QUEUE_TYPE_ACTIVITY)
	if err != nil {
		return nil, err
	}
	var all []presence
	for _, p := range d.GetPollers() {
		if is, name, ok := strings.Cut(p.GetIdentity(), " "); ok {
			all = append(all, presence{name, role(is), p.GetLastAccessTime().AsTime()})
		}
	}
	return all, nil
}

// there are the processes that execute the runs of a queue.
func (k *keeper) there(ctx context.Context, queue string) ([]presence, error) {
	return k.thereFor(ctx, queue, polled)
}

// thereFor are those of them who have shown themselves within a time.
func (k *keeper) thereFor(ctx context.Context, queue string, within time.Duration) ([]presence, error) {
	all, err := k.shown(ctx, queue)
	here := lastShown(all)
	if len(here) == 0 { // whatever the time is
		return nil, err
	}
	now := k.now(ctx, latest(all))
	return slices.DeleteFunc(here, func(p presence) bool { return now.Sub(p.at) > within }), err
}

// lastShown are those who have not ended, as what they showed last.
func lastShown(all []presence) []presence {
	last := map[string]presence{}
	for _, p := range all {
		if was, ok := last[p.name]; !ok || was.role != gone && (p.role == gone || p.at.After(was.at)) {
			last[p.name] = p
		}
	}
	maps.DeleteFunc(last, func(_ string, p presence) bool { return p.role == gone })
	return slices.SortedFunc(maps.Values(last), func(a, b presence) int { return strings.Compare(a.name, b.name) })
}

// workers are those of them that last.
func (k *keeper) workers(ctx context.Context, queue string) ([]presence, error) {
	all, err := k.there(ctx, queue)
	return slices.DeleteFunc(all, func(p presence) bool { return p.role != lasting }), err
}

// isPolled reports whether there are workers of this build.
func (k *keeper) isPolled(ctx context.Context) bool {
	all, err := k.workers(ctx, k.queue)
	return err == nil && len(all) > 0
}

// stands reports whether somebody executes the runs of a queue: who was there until now shows
// himself again within a while.
func (k *keeper) stands(ctx context.Context, queue string) bool {
	before, err := k.there(ctx, queue)
	return err == nil && len(before) > 0 && k.shows(ctx, queue, before, missed)
}

// shows reports whether somebody shows himself at a queue's since he did before, now or within a
// while. It takes what cannot be known for a yes.
func (k *keeper) shows(ctx context.Context, queue string, before []presence, within time.Duration) bool {
	for until := time.Now().Add(within); ; {
		now, err := k.there(ctx, queue)
		switch {
		case err != nil, moved(before, now):
			return true
		case time.Now().After(until):
			return false
		}
		select {
		case <-time.After(beat / 20):
		case <-ctx.Done():
		}
	}
}

// moved reports whether somebody has shown himself since.
func moved(before, now []presence) bool {
	return latest(now).After(latest(before))
}

// latest is when the last of them showed himself.
func latest(all []presence) (at time.Time) {
	for _, p := range all {
		if p.at.After(at) {
			at = p.at
		}
	}
	return at
}
