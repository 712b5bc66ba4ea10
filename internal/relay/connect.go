package relay

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"path/filepath"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
)

// lookEvery is how often processes are looked for that have begun to execute.
const lookEvery = 250 * time.Millisecond

// maxLine is how long a line may be that others send.
const maxLine = limits.RelayLineBytes

// Connect returns a listener to a run's pieces that comes to all processes on a data
// directory, those of later too, for one of them may hold the run, and another one may
// take it up. It ends with ctx, or when it is closed.
func Connect(ctx context.Context, dir string, run pawl.RunID) *Listener {
	ctx, cancel := context.WithCancel(ctx)
	c := &client{here: New("", nil), dir: filepath.Join(dir, folder), run: run, connected: map[string]bool{}}
	l := c.here.Listen(run)
	c.tasks.Go(func() { c.look(ctx) })
	l.leave = func() {
		cancel()
		c.tasks.Wait()
	}
	return l
}

// client brings what other processes tell to a relay in this one.
type client struct {
	here  *Relay
	dir   string // of the sockets
	run   pawl.RunID
	tasks sync.WaitGroup

	mu        sync.Mutex // guards connected
	connected map[string]bool
}

// look connects to the processes that there are, and to those that come.
func (c *client) look(ctx context.Context) {
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	for {
		for _, path := range sockets(c.dir) {
			c.connect(ctx, path)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return
		}
	}
}

// connect hears a process if it is not heard yet.
func (c *client) connect(ctx context.Context, path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.connected[path] || ctx.Err() != nil {
		return
	}
	conn, err := dial(path)
	if err != nil {
		return // it has died
	}
	c.connected[path] = true
	c.tasks.Go(func() {
		leave := context.AfterFunc(ctx, func() { conn.Close() })
		defer leave()
		defer conn.Close()
		c.hear(conn)
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.connected, path)
	})
}

// hear passes on what a process tells, and the end of its attempts when it is gone.
// What is no piece of the run ends it.
func (c *client) hear(conn net.Conn) {
	ask, _ := json.Marshal(request{c.run})
	_ = conn.SetWriteDeadline(time.Now().Add(patience)) // an error shows when it is written
	if _, err := conn.Write(append(ask, '\n')); err != nil {
		return
	}
	open := map[attempt]bool{}
	defer func() {
		for a := range open {
			c.here.Tell(a.end())
		}
	}()
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var p pawl.Piece
		if json.Unmarshal(lines.Bytes(), &p) != nil || p.Run != c.run {
			return
		}
		c.here.Tell(p)
		if p.End {
			delete(open, attemptOf(p))
		} else {
			open[attemptOf(p)] = true
		}
	}
}
