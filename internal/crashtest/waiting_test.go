package crashtest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

var waitingRuns = flag.Int("waiting", 0, "how many runs wait for approval (0: 1000, with -short 200)")

const (
	playStart   = "start"   // n runs, and wait for approval with them
	playApprove = "approve" // all that is open, and finish what is left
	playCarry   = "carry"   // out what is submitted, and die at the commit that handles it
)

// item is a run of gated.
type item struct {
	N int `json:"n"`
}

// gated makes a text, has a person approve it, and writes a line to a file.
func gated(lines string) pawl.Flow {
	return pawl.New("gated", "Has a person approve it.", func(r *pawl.Run, in item) (string, error) {
		text := pawl.Do(r, "write", in.N, func(_ context.Context, n int) (string, error) { return fmt.Sprintf("text %d", n), nil })
		a := pawl.Approve(r, "publish", text, "Publish it?")
		if err := a.Err(); err != nil {
			return "", err
		}
		return pawl.Do(r, "publish-it", a.Value, func(ctx context.Context, text string) (string, error) {
			f, err := os.OpenFile(lines, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
			if err != nil {
				return "", err
			}
			_, err = fmt.Fprintln(f, text)
			return text + " by " + a.Who, errors.Join(err, f.Close())
		}), nil
	})
}

// atOnce is how many runs a child has in hand at once.
const atOnce = 64

// play is what a child does with runs that wait for approval.
func (o orders) play(ctx context.Context) error {
	db, err := sqlite.Open(ctx, o.Dir, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	f := gated(filepath.Join(o.Dir, "lines"))
	var j journal.Journal = db
	if o.Play == playCarry {
		j = handling{DB: db, o: o}
	}
	e := local.New(&local.Options{Journal: j, Models: llm.Catalog{"offline": offline.Model{}}, Model: "offline", Flows: []pawl.Flow{f}})
	defer e.Close(ctx)
	var n atomic.Int64
	told := func() { fmt.Println(n.Add(1)) }
	switch o.Play {
	case playStart:
		if err := e.Work(ctx, &local.WorkOptions{Drain: true, Limit: atOnce}); err != nil { // what was begun before
			return err
		}
		err = each(o.N, func(i int) error {
			id := pawl.RunIDOf("gated", fmt.Sprint(i))
			if _, err := e.Start(ctx, f, fmt.Appendf(nil, `{"n":%d}`, i), &pawl.StartOptions{ID: id}); err != nil {
				return err
			}
			defer told()
			return rests(ctx, e, id)
		})
		if err == nil {
			select {} // until it is killed
		}
		return err
	case playApprove:
		inbox, err := e.Inbox(ctx, pawl.RunFilter{})
		if err != nil {
			return err
		}
		err = each(len(inbox), func(i int) error {
			b := inbox[i]
			err := e.Decide(ctx, b.Run, pawl.Decision{Key: b.Key, What: pawl.DecideApprove, Who: "script", Digest: b.Digest})
			if err != nil {
				return err
			}
			told()
			return rests(ctx, e, b.Run)
		})
		if err != nil {
			return err
		}
	}
	return e.Work(ctx, &local.WorkOptions{Drain: true, Limit: atOnce}) // what others left behind
}

func rests(ctx context.Context, e *local.Engine, id pawl.RunID) error {
	for _, err := range e.Events(ctx, id, 0) {
		if err != nil {
			return err
		}
	}
	return nil
}

// each calls f for 0 to n-1, some at once, and returns the first error.
func each(n int, f func(int) error) error {
	var all sync.WaitGroup
	errs := make(chan error, n)
	places := make(chan struct{}, atOnce)
	for i := range n {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			if err := f(i); err != nil {
				errs <- err
			}
		})
	}
	all.Wait()
	close(errs)
	return <-errs
}

// handling is a journal that kills its process at the commit that handles a command.
type handling struct {
	*sqlite.DB
	o orders
}

func (s handling) Append(ctx context.Context, c *journal.Claim, b journal.Batch) ([]pawl.Event, error) {
	dies := suicidal{commit: 1, after: s.o.After}
	if len(b.Handled) == 0 || s.o.Commit == 0 {
		return s.DB.Append(ctx, c, b)
	}
	dies.die(1, false)
	defer dies.die(1, true)
	return s.DB.Append(ctx, c, b)
}

// player is a child that plays.
type player struct {
	*process
	t     *testing.T
	lines *bufio.Scanner
}

func playing(t *testing.T, o orders) *player {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	p := &process{t: t, cmd: cmd, stderr: &transcript{changed: make(chan struct{})}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = w, p.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	go func() {
		_ = cmd.Wait() // its state tells
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-p.ended
	})
	return &player{p, t, bufio.NewScanner(r)}
}

// tells waits until the child has told of n runs.
func (p *player) tells(n int) {
	p.t.Helper()
	for i := range n {
		if !p.lines.Scan() {
			p.t.Fatalf("the child told of %d runs, wants %d; its stderr:\n%s", i, n, p.stderr)
		}
	}
}

// exits waits for the child's end. What it still tells is not kept.
func (p *player) exits(code int) {
	p.t.Helper()
	for p.lines.Scan() {
	}
	p.process.exits(code)
}

// Many runs wait for approval. The processes that started them are killed, and so
// is the script that approves them, twice; in the end each has been approved once
// and has ended once.
func TestManyWaitForApproval(t *testing.T) {
	n := *waitingRuns
	switch {
	case n == 0 && testing.Short():
		n = 200
	case n == 0:
		n = 1000
	}
	dir := t.TempDir()
	begin := time.Now()
	p := playing(t, orders{Dir: dir, Play: playStart, N: n})
	p.tells(n / 3)
	p.kill()
	p = playing(t, orders{Dir: dir, Play: playStart, N: n})
	p.tells(n)
	p.kill()
	started := time.Since(begin)
	begin = time.Now()
	kills := 0
	for _, at := range []int{n / 5, n / 3} {
		p = playing(t, orders{Dir: dir, Play: playApprove})
		p.tells(at)
		p.kill()
		kills++
	}
	playing(t, orders{Dir: dir, Play: playApprove}).exits(0)
	took := time.Since(begin)

	db, err := sqlite.Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	checktest.Check(t, db)
	again := approvedOnce(t, db, n)
	lines, err := os.ReadFile(filepath.Join(dir, "lines"))
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]int{}
	for line := range strings.Lines(string(lines)) {
		written[strings.TrimSpace(line)]++
	}
	for i := range n {
		text := fmt.Sprintf("text %d", i)
		if w := written[text]; w < 1 || w > 1+again[text] {
			t.Errorf("%q was written %d times, with %d unknown attempts", text, w, again[text])
		}
	}
	if !t.Failed() {
		fmt.Printf("%d runs waited for approval, through 2 kills, in %.1f s; approved through %d kills, each once, and finished in %.1f s\n", n, started.Seconds(), kills, took.Seconds())
	}
}

// approvedOnce checks every run, and returns how often what each wrote may have
// been written again: the attempts whose outcome a kill hid.
func approvedOnce(t *testing.T, db *sqlite.DB, n int) map[string]int {
	t.Helper()
	again := map[string]int{}
	for i := range n {
		id := pawl.RunIDOf("gated", fmt.Sprint(i))
		events, err := db.Read(t.Context(), id, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		count := map[pawl.EventType]int{}
		for _, ev := range events {
			count[ev.Type]++
			if ev.Type != pawl.EventAttempt && ev.Type != pawl.EventIntent || ev.Key != "publish-it" {
				continue
			}
			if ev.Type == pawl.EventIntent {
				again[fmt.Sprintf("text %d", i)]++
			} else {
				again[fmt.Sprintf("text %d", i)]--
			}
		}
		if count[pawl.EventDecision] != 1 || count[pawl.EventDone] != 1 || count[pawl.EventBlocker] != 1 || count[pawl.EventFailed] != 0 {
			t.Errorf("run %s of %d: %v", id, i, count)
		}
	}
	return again
}

// A process is killed at the commit that handles a command, right before or right
// after it: another one carries the command out, or nothing is left to do; once.
func TestKilledWhileSettling(t *testing.T) {
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("after %v", after), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			p := playing(t, orders{Dir: dir, Play: playStart, N: 1})
			p.tells(1)
			p.kill()
			db, err := sqlite.Open(t.Context(), dir, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			id := pawl.RunIDOf("gated", "0")
			var commands []int64
			for _, command := range []journal.Command{
				{Run: id, Directive: &pawl.Directive{What: pawl.DirectGuide, Text: "Be kind.", Who: "anna"}},
				{Run: id, Decision: &pawl.Decision{Key: "publish", What: pawl.DecideApprove, Who: "anna"}},
			} {
				n, err := db.Submit(t.Context(), command)
				if err != nil {
					t.Fatal(err)
				}
				commands = append(commands, n)
			}
			for range 2 { // each command is handled in a commit of its own
				p := playing(t, orders{Dir: dir, Play: playCarry, Commit: 1, After: after})
				if !p.killed() {
					break
				}
				checktest.Check(t, db)
			}
			playing(t, orders{Dir: dir, Play: playCarry}).exits(0)
			checktest.Check(t, db)
			approvedOnce(t, db, 1)
			for _, n := range commands {
				if done, refused, err := db.Handled(t.Context(), n); !done || refused != nil || err != nil {
					t.Errorf("command %d: handled %v, refused %+v, %v", n, done, refused, err)
				}
			}
			events, err := db.Read(t.Context(), id, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			guided := 0
			for _, ev := range events {
				if ev.Type == pawl.EventGuidance {
					guided++
				}
			}
			if guided != 1 {
				t.Errorf("%d events of guidance", guided)
			}
		})
	}
}
