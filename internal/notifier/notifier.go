package notifier

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/internal/webhook"
	"github.com/pawlrun/pawl/notice"
)

const (
	lookEvery = time.Second     // how often a Notifier looks for what is owed
	keepEvery = time.Hour       // how often it says that it tells its receiver
	noteEvery = time.Minute     // how often it stores anew how it stands with the receiver
	lent      = time.Minute     // how long nobody else tells what it has taken: longer than a try takes
	atOnce    = 4               // notices that it tells at once
	lastLooks = 5 * time.Second // how long it goes on with what is due when it is stopped
)

// Options are what a Notifier is made of.
type Options struct {
	Keeper  notice.Keeper
	View    *view.View // of the same journal, which says what may be shown
	Target  Target
	Secrets []webhook.Secret // that it signs with, at least one
	Program string           // whose runs it tells of; empty: all

	// Link is the address of a run, for whoever is told of it. Nil: there is none.
	Link func(run pawl.RunID) string

	// Logger is told when nothing comes through any more, and when something does again.
	// Nil: nobody is.
	Logger *slog.Logger

	Transport http.RoundTripper // nil: that of the system, with the proxies of the environment
}

// Notifier tells that runs have come to rest. Its methods may be called concurrently.
type Notifier struct {
	o        Options
	receiver notice.Receiver
	client   *http.Client

	mu   sync.Mutex // guards stop and done
	stop context.CancelFunc
	done chan struct{}

	// Only the loop uses what follows.
	kept    time.Time // when it last said that it tells its receiver
	failed  int       // tries in a row that did not come through, those at once counted as one
	pause   time.Time // until when it tells nothing
	trouble string    // what it has noted of the receiver
	noted   time.Time // when it has; zero: never
	said    string    // what was logged last of the journal
}

// New returns a Notifier that does nothing yet.
func New(o Options) *Notifier {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Transport == nil {
		o.Transport = newTransport()
	}
	client := &http.Client{Transport: o.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Notifier{o: o, receiver: o.Target.Receiver(o.Program), client: client}
}

// Start begins to tell, until Stop is called or ctx ends. What comes to rest once it has
// returned without an error is owed. Starting one that is started does nothing.
func (n *Notifier) Start(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.done != nil {
		return nil
	}
	if err := n.keep(ctx, time.Now()); err != nil {
		return err
	}
	ctx, n.stop = context.WithCancel(ctx)
	done := make(chan struct{})
	n.done = done
	go func() {
		defer close(done)
		n.work(ctx)
	}()
	return nil
}

// Stop tells what is due, for 5 seconds at most, and returns when nothing is under way any
// more. What is left is owed, and told by the next. Stopping twice, or what was not started,
// does nothing.
func (n *Notifier) Stop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.done == nil {
		return
	}
	n.stop()
	<-n.done
	n.stop, n.done = nil, nil
	n.client.CloseIdleConnections()
}

// work looks for what is owed until ctx ends, and once more then. What is under way by then
// ends in the same time.
func (n *Notifier) work(ctx context.Context) {
	last, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastLooks, cut) })()
	for ctx.Err() == nil {
		n.look(last)
		wait := time.NewTimer(lookEvery)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
		}
	}
	n.look(last)
}

// keep says that the receiver is told.
func (n *Notifier) keep(ctx context.Context, now time.Time) error {
	err := n.o.Keeper.KeepReceiver(ctx, n.receiver, pawl.At(now))
	if err == nil {
		n.kept = now
	}
	return err
}

// look tells what is due, some at once, until nothing is or nothing comes through.
func (n *Notifier) look(ctx context.Context) {
	for ctx.Err() == nil && !time.Now().Before(n.pause) {
		now := time.Now()
		if now.Sub(n.kept) >= keepEvery {
			n.say(ctx, n.keep(ctx, now))
		}
		most := atOnce
		if n.failed > 0 {
			most = 1 // to find out whether it comes through
		}
		until := pawl.At(now.Add(lent))
		taken, err := n.o.Keeper.TakeNotices(ctx, n.receiver.ID, pawl.At(now), until, most)
		if n.say(ctx, err); len(taken) == 0 {
			return
		}
		answers := make([]notice.Answer, len(taken))
		var all sync.WaitGroup
		for i, one := range taken {
			all.Go(func() { answers[i] = n.tell(ctx, one, until) })
		}
		all.Wait()
		n.judge(ctx, answers)
	}
}

// judge finds out from answers that came at once how it stands with the receiver.
func (n *Notifier) judge(ctx context.Context, answers []notice.Answer) {
	var worst notice.Answer
	for _, a := range answers {
		switch {
		case a.IsTold(), a.IsFinal():
			n.failed = 0
			n.note(ctx, "")
			return
		case a.Trouble() != "":
			worst = a
		}
	}
	if worst.Trouble() == "" {
		return // nothing was tried
	}
	n.failed++
	now := time.Now()
	n.pause = now.Add(worst.Pause(n.failed, now, rand.Float64()))
	n.note(ctx, worst.Trouble())
}

// note stores whether something comes through to the receiver, when that has changed, and
// again after a while: whoever tells the same receiver may have stored something else since.
// It logs changes. The time is that of the first try that did not.
func (n *Notifier) note(ctx context.Context, trouble string) {
	known := !n.noted.IsZero()
	if known && trouble == n.trouble && time.Since(n.noted) < noteEvery {
		return
	}
	since := pawl.Time{}
	if trouble != "" {
		since = pawl.At(time.Now())
	}
	if err := n.o.Keeper.NoteTrouble(ctx, n.receiver.ID, since, trouble); err != nil {
		n.say(ctx, err)
		return
	}
	switch {
	case known && (trouble == "") == (n.trouble == ""):
	case trouble != "":
		n.o.Logger.Warn(n.receiver.Address+" cannot be told that runs come to rest, and is tried again", "error", trouble)
	case known:
		n.o.Logger.Info(n.receiver.Address + " is told again that runs come to rest")
	}
	n.noted, n.trouble = time.Now(), trouble
}

// say logs what goes wrong with the journal, when that is something else than before.
func (n *Notifier) say(ctx context.Context, err error) {
	is := ""
	if err != nil && ctx.Err() == nil {
		is = err.Error()
	}
	if is != "" && is != n.said {
		n.o.Logger.Error("nobody is told of runs that come to rest", "error", err)
	}
	n.said = is
}

// tell tells one notice, which is lent until then, and stores what came of it. Where nothing
// was tried, the answer is empty.
func (n *Notifier) tell(ctx context.Context, one notice.Notice, until pawl.Time) notice.Answer {
	expired, is := one.Expired(time.Now())
	if is {
		n.settle(ctx, expired, until)
		return notice.Answer{}
	}
	id, body, err := n.body(ctx, one)
	switch {
	case errors.Is(err, pawl.ErrNotFound): // it was removed
		return notice.Answer{}
	case errors.Is(err, pawl.ErrStorage): // it is told when it is due again
		return notice.Answer{}
	case err != nil:
		n.settle(ctx, one.After(notice.Answer{Problem: "the run's history cannot be read"}, time.Now(), rand.Float64()), until)
		return notice.Answer{}
	}
	answer := n.post(ctx, id, body)
	if ctx.Err() != nil && answer.Status == 0 { // it was cut: whoever comes next tells it
		one.Due = pawl.At(time.Now())
		n.settle(ctx, one, until)
		return notice.Answer{}
	}
	n.settle(ctx, one.After(answer, time.Now(), rand.Float64()), until)
	return answer
}

// body makes the body of a notice, and its id. They are the same whatever has become of the
// run since, and whoever makes them; the link alone is that of who tells.
func (n *Notifier) body(ctx context.Context, one notice.Notice) (id string, body []byte, err error) {
	rec, last, err := n.o.View.Rested(ctx, one.Run, one.Seq)
	if err != nil {
		return "", nil, err
	}
	link := ""
	if n.o.Link != nil {
		link = n.o.Link(one.Run)
	}
	body, err = encode(rec, last, link)
	return notice.ID(one.Run, one.Seq, last.Hash), body, err
}

// settle stores what became of a notice. Where that fails it is told again.
func (n *Notifier) settle(ctx context.Context, one notice.Notice, taken pawl.Time) {
	err := n.o.Keeper.SettleNotice(context.WithoutCancel(ctx), one, taken)
	if err != nil && !errors.Is(err, pawl.ErrConflict) && !errors.Is(err, pawl.ErrNotFound) {
		n.o.Logger.Error("that a run came to rest may be told twice", "run", one.Run, "error", err)
	}
}
