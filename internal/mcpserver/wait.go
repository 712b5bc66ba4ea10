package mcpserver

import (
	"context"
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
	p := progress{call: c, run: id}
	p.tell(ctx)
	if long > 0 && (!rec.Status.AtRest() || rec.Status == pawl.StatusWaiting && waitsForTime(rec)) {
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

// heartbeat is how often progress is told where nothing happens, often where much does, and
// soon how often a run is looked at that waits for a time or for another program.
const (
	heartbeat = 15 * time.Second
	often     = 2 * time.Second
	soon      = time.Second
)

// untilRest tells what becomes of a run until it is at rest, and does not go on by itself, or
// until the time is over.
func (c *call) untilRest(ctx context.Context, rec pawl.RunRecord, long time.Duration, p *progress) error {
	waiting, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	defer context.AfterFunc(c.ending, cancel)()
	events, rests := make(chan pawl.Seq), make(chan error, 1)
	follow := func(after pawl.Seq) {
		var err error
		for ev, failed := range c.o.Engine.Events(waiting, rec.ID, after) {
			if err = failed; err != nil {
				break
			}
			select {
			case events <- ev.Seq:
			case <-waiting.Done():
			}
		}
		rests <- err
	}
	seq, last := rec.LastSeq, time.Now()
	go follow(seq)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case seq = <-events:
			if time.Since(last) > often {
				last = time.Now()
				p.tell(ctx)
			}
		case <-beat.C:
			p.tell(ctx)
		case err := <-rests:
			if waiting.Err() != nil {
				return nil // the time is over
			}
			if err != nil {
				return err
			}
			if rec, err = c.view.Run(ctx, rec.ID); err != nil || rec.Status != pawl.StatusWaiting || !waitsForTime(rec) {
				return err
			}
			select {
			case <-time.After(soon):
				go follow(seq)
			case <-waiting.Done():
				return nil
			}
		}
	}
}

// progress is what a client that wants to know is told while it waits.
type progress struct {
	*call
	run  pawl.RunID
	told int // messages
}

// tell tells how far a run is, if the client wants to know. Nothing that models wrote is in it.
func (p *progress) tell(ctx context.Context) {
	token := p.request.Params.GetProgressToken()
	if token == nil {
		return
	}
	p.told++
	text := fmt.Sprintf("run %s", p.run)
	if rec, err := p.o.Engine.Get(ctx, p.run); err == nil {
		text += fmt.Sprintf(" is %s, %d of %d steps so far are done", rec.Status, countDone(rec), len(rec.Steps))
	}
	_ = p.request.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: token, Progress: float64(p.told), Message: text}) // a client that went away wants none
}

func countDone(rec pawl.RunRecord) (n int) {
	for _, s := range rec.Steps {
		if s.Status == pawl.StepDone || s.Status == pawl.StepReused {
			n++
		}
	}
	return n
}
