package crashtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/pawlrun/pawl"
)

// A worker whose receiver is down executes its runs all the same. When it was killed and the
// receiver is up, the next one tells each of them; what it tells is signed, and what is secret
// of it stands nowhere.
func TestToldAfterKill(t *testing.T) {
	t.Parallel()
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	h := newHome(t, articleApproved)
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	var up atomic.Bool           // until then it ends each connection without an answer
	runs := map[pawl.RunID]int{} // how often each was told
	var mu sync.Mutex
	all := make(chan struct{})
	s := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if !up.Load() {
			panic(http.ErrAbortHandler)
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the worker was stopped
		}
		wh, _ := standard.NewWebhook(secret)
		var told struct {
			Type string
			Data struct{ Run pawl.RunID }
		}
		if err := wh.Verify(body, r.Header); err != nil || json.Unmarshal(body, &told) != nil || told.Type != "run.done" {
			t.Errorf("%v: %s", err, body)
		}
		mu.Lock()
		defer mu.Unlock()
		if runs[told.Data.Run]++; runs[told.Data.Run] > 1 {
			return
		}
		for _, n := range runs {
			if n == 0 {
				return
			}
		}
		close(all)
	})}
	go s.Serve(l)
	defer s.Close()
	worker := func() *process {
		return h.start("", "worker", "--notify", "http://user:pass-otter@"+addr+"/path-otter", "--notify-secrets", file)
	}
	said := ""
	p := worker()
	p.says("is told when runs come to rest")
	for range 5 {
		start := h.start("", "run", "article", "--topic", "tides", "--detach", "--json")
		start.exits(0)
		var made struct{ ID pawl.RunID }
		if err := json.Unmarshal(start.stdout.Bytes(), &made); err != nil || made.ID == "" {
			t.Fatalf("%v: %s", err, start.stdout.Bytes())
		}
		mu.Lock()
		runs[made.ID] = 0
		mu.Unlock()
		p.says("run " + string(made.ID) + " is done")
	}
	p.says("cannot be told that runs come to rest")
	p.kill()
	said += p.stderr.String()

	up.Store(true)
	p = worker()
	select {
	case <-all:
	case <-p.ended:
		t.Fatalf("the worker ended:\n%s", p.stderr)
	}
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-p.ended
	said += p.stderr.String()
	mu.Lock()
	defer mu.Unlock()
	if len(runs) != 5 {
		t.Errorf("told are %v", runs)
	}
	for id, n := range runs {
		if n != 1 {
			t.Errorf("run %s was told %d times", id, n)
		}
		shown := h.start("", "show", string(id), "--json")
		rec := shown.record(0)
		if len(rec.Notices) != 1 || rec.Notices[0].ToldAt == nil || rec.Notices[0].To != "http://"+addr+"/***" {
			t.Errorf("notices are %+v", rec.Notices)
		}
		said += shown.stdout.String()
	}
	stored, err := os.ReadFile(filepath.Join(h.dir, "pawl.db"))
	if err != nil || !bytes.Contains(stored, []byte(addr)) {
		t.Fatalf("%v, or the receiver is not stored", err)
	}
	for _, secret := range []string{"otter", "MfKQ9", "whsec"} {
		if strings.Contains(said, secret) || bytes.Contains(stored, []byte(secret)) {
			t.Errorf("%s is shown or stored:\n%s", secret, said)
		}
	}
}
