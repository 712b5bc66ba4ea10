package mcpserver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
)

type waitRun struct {
	Run   pawl.RunID `json:"run" jsonschema:"The run's id, whole." pawl:"len=1..64"`
	Wait  int64      `json:"wait_seconds" jsonschema:"How long to wait at most." pawl:"min=0,max=45,default=25"`
	Steps bool       `json:"steps,omitempty" jsonschema:"Also the run's steps, in short."`
}

func (s *Server) waitTool() {
	add(s, definition{name: "run_wait", title: "Wait for a run", waits: true,
		about: "Wait until a run is at rest: done, failed, paused, canceled, or waiting for a person. It answers with where the run stands when that is so or when wait_seconds are over, " +
			"which is no error: call it again. The run goes on whether somebody waits or not."},
		func(ctx context.Context, c *call, in waitRun) (any, error) {
			return c.wait(ctx, in.Run, time.Duration(in.Wait)*time.Second, in.Steps)
		})
}

// wait answers with a run when it is at rest, when the time is over or when the server ends.
// The first message of progress has the run's id: who gives up finds the run by it.
func (c *call) wait(ctx context.Context, id pawl.RunID, long time.Duration, steps bool) (*runAnswer, error) {
	rec, err := c.view.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	p := progress{call: c, done: countDone(rec)}
	p.tell(ctx, rec.ID, rec.Status)
	if long > 0 && !rec.Status.AtRest() || rec.Status == pawl.StatusWaiting && long > 0 && waitsForTime(rec) {
		c.meanwhile(func() { err = c.untilRest(ctx, rec, min(long, MostWait), &p) })
		if err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return c.run(ctx, id, steps)
}

// waitsForTime reports whether a run that waits goes on by itself: no person is asked.
func waitsForTime(rec pawl.RunRecord) bool {
	for _, b := range rec.Blockers {
		if b.Kind != pawl.BlockerEvent {
			return false
		}
	}
	return true
}

// heartbeat is how often progress is told where nothing happens, and often where much does.
const (
	heartbeat = 15 * time.Second
	often     = 2 * time.Second
)

// untilRest tells what becomes of a run until it is at rest.
func (c *call) untilRest(ctx context.Context, rec pawl.RunRecord, long time.Duration, p *progress) error {
	waiting, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	defer context.AfterFunc(c.ending, cancel)()
	events := make(chan pawl.Event)
	ended := make(chan error, 1)
	go func() {
		var err error
		for ev, failed := range c.o.Engine.Events(waiting, rec.ID, rec.LastSeq) {
			if err = failed; err != nil {
				break
			}
			select {
			case events <- ev:
			case <-waiting.Done():
			}
		}
		ended <- err
	}()
	beat, last := time.NewTicker(heartbeat), time.Time{}
	defer beat.Stop()
	for {
		select {
		case ev := <-events:
			p.count(ev)
			if time.Since(last) > often {
				last = time.Now()
				p.tell(ctx, rec.ID, pawl.StatusRunning)
			}
		case <-beat.C:
			p.tell(ctx, rec.ID, "")
		case err := <-ended:
			if waiting.Err() != nil || errors.Is(err, context.Canceled) {
				return nil // the time is over
			}
			if err == nil && rec.Status == pawl.StatusWaiting { // for a time: nothing has happened yet
				if rec, err = c.view.Run(ctx, rec.ID); err == nil && rec.Status == pawl.StatusWaiting {
					<-waiting.Done()
				}
			}
			return err
		}
	}
}

// progress is what a client that wants to know is told while it waits.
type progress struct {
	*call
	told int // messages
	done int // steps that are done
}

func countDone(rec pawl.RunRecord) (n int) {
	for _, s := range rec.Steps {
		if s.Status == pawl.StepDone || s.Status == pawl.StepReused {
			n++
		}
	}
	return n
}

func (p *progress) count(ev pawl.Event) {
	if ev.Type == pawl.EventAttempt || ev.Type == pawl.EventReused {
		p.done++
	}
}

// tell tells how far a run is, if the client wants to know. Nothing that models wrote is in it.
func (p *progress) tell(ctx context.Context, id pawl.RunID, status pawl.Status) {
	token := p.request.Params.GetProgressToken()
	if token == nil {
		return
	}
	p.told++
	text := fmt.Sprintf("run %s", id)
	if status != "" {
		text += fmt.Sprintf(" is %s", status)
	}
	if p.done > 0 {
		text += fmt.Sprintf(", %d steps so far", p.done)
	}
	_ = p.request.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: token, Progress: float64(p.told), Message: text}) // a client that went away wants none
}
