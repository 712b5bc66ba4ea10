package temporal_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/temporal"
	"github.com/pawlrun/pawl/llm"
)

// killedFlow asks 24 questions, some at once.
var killedFlow = flow("killed", func(r *pawl.Run) (string, error) {
	n := 0
	for range pawl.Map(r, "first", make([]int, 12), func(r *pawl.Run, _ int) (string, error) { return pawl.Ask(r, "a", text("A")), nil }, pawl.Limit(4)) {
		n++
	}
	for i := range 12 {
		pawl.Ask(r, fmt.Sprint("then-", i), text("B"))
		n++
	}
	return fmt.Sprint(n), nil
})

// killedOptions are those of the processes that are killed, whose model is at an address.
func killedOptions(at client.Options, queue, model string) temporal.Options {
	m := speaker(func(ctx context.Context, r llm.Request) (string, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, model+"?key="+url.QueryEscape(r.Meta.Key), nil)
		if err != nil {
			return "", err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		said, err := io.ReadAll(resp.Body)
		return string(said), err
	})
	return temporal.Options{Client: at, Queue: queue, Build: "killed", Work: true,
		Models: models(m), Model: "test/one", Prices: enginetest.Prices, Flows: []pawl.Flow{killedFlow}, Heartbeat: 3 * time.Second}
}

// workUntilKilled is a process of its own.
func workUntilKilled(queue, model string) {
	at := client.Options{HostPort: os.Getenv("PAWL_TEMPORAL"), Namespace: os.Getenv("PAWL_TEMPORAL_NAMESPACE")}
	if _, err := temporal.Open(context.Background(), killedOptions(at, queue, model)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	select {}
}

// TestKilledWorkers: workers that are killed at any moment, in the middle of calls, cost no
// more than the calls that they had in flight: no call that was answered, and whose answer
// had arrived, is made again.
func TestKilledWorkers(t *testing.T) { onServers(t, testKilledWorkers) }

func testKilledWorkers(t *testing.T) {
	at := server(t)
	if testing.Short() {
		t.Skip("waits for Temporal to miss killed workers, which takes it a minute")
	}
	chance := rand.New(rand.NewPCG(1, 1))

	var mu sync.Mutex
	calls, cut := map[string]int{}, 0
	answered := make(chan struct{}, 1000)
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		calls[r.FormValue("key")]++
		mu.Unlock()
		select {
		case <-time.After(200 * time.Millisecond):
			io.WriteString(w, "said")
			answered <- struct{}{}
		case <-r.Context().Done():
			mu.Lock()
			cut++
			mu.Unlock()
		}
	}))
	defer provider.Close()

	queue := "test-" + string(pawl.NewRunID())
	o := killedOptions(at, queue, provider.URL)
	o.Work = false
	e, err := temporal.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(context.Background())
	id := start(t, e, killedFlow)
	done := make(chan pawl.RunRecord, 1)
	go func() {
		rec, err := e.Wait(t.Context(), id)
		for err == nil && rec.Status == pawl.StatusWaiting { // a call was lost three times in a row
			if err = e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume}); err == nil {
				rec, err = e.Wait(t.Context(), id)
			}
		}
		if err != nil {
			t.Error(err)
		}
		done <- rec
	}()
	kills := 0
	var rec pawl.RunRecord
	for rec.ID == "" {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "PAWL_TEMPORAL="+at.HostPort, "PAWL_TEMPORAL_NAMESPACE="+at.Namespace, "PAWL_TEMPORAL_WORKER="+queue, "PAWL_TEMPORAL_MODEL="+provider.URL)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for n := 3 + chance.IntN(5); n > 0 && rec.ID == ""; n-- {
			select {
			case <-answered:
			case rec = <-done:
			}
		}
		if rec.ID == "" {
			timer := time.NewTimer(time.Duration(chance.IntN(150)) * time.Millisecond) // somewhere within the next call
			select {
			case <-timer.C:
			case rec = <-done:
			}
		}
		cmd.Process.Kill()
		cmd.Wait()
		kills++
		for len(answered) > 0 { // what the next one answers is to be counted
			<-answered
		}
	}
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"24"` {
		t.Fatalf("%s (%s) %s", rec.Status, rec.Reason, rec.Output)
	}
	mu.Lock()
	defer mu.Unlock()
	total, unknown := 0, 0
	for _, n := range calls {
		total += n
	}
	for _, s := range rec.Steps {
		for _, at := range s.Attempts {
			if at.Outcome == pawl.OutcomeUnknown {
				unknown++
			}
		}
	}
	t.Logf("%d kills, %d calls, %d of unknown outcome, %d cut at the provider", kills-1, total, unknown, cut)
	if total < 24 || total > 24+unknown || unknown > 4*(kills-1) { // some are killed before they have asked
		t.Errorf("%d calls for 24 steps, %d of unknown outcome after %d kills", total, unknown, kills-1)
	}
	if kills < 2 {
		t.Error("nothing was killed")
	}
}
