package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/pawltest"
)

// payments is a payment provider. It hands out what is charged, and calls webhooks.
type payments struct {
	t       *testing.T
	server  *httptest.Server
	charges chan Charge
	atOnce  bool // it is paid before the request that charges is answered
}

func newPayments(t *testing.T) *payments {
	p := &payments{t: t, charges: make(chan Charge, 8)}
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var c Charge
		if err := json.NewDecoder(r.Body).Decode(&c); err != nil || r.Header.Get("Idempotency-Key") == "" {
			t.Errorf("a charge without a key, or %v", err)
		}
		if p.atOnce {
			for range 2 {
				p.call(http.StatusOK, c, "evt_1", `{"cents": 4000, "card": "4711-0815"}`)
			}
		}
		p.charges <- c
		io.WriteString(w, "{}")
	}))
	t.Cleanup(p.server.Close)
	return p
}

// call calls a webhook, which must answer with that status.
func (p *payments) call(want int, c Charge, event, body string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), "POST", c.Webhook, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Event-Id", event)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Error(err)
		return
	}
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode != want {
		p.t.Errorf("event %s: %s, want %d: %s", event, resp.Status, want, text)
	}
}

// shop is the program as a process.
type shop struct {
	t   *testing.T
	cmd *exec.Cmd
	url string
}

// open returns when the shop listens.
func open(t *testing.T, bin string, args ...string) *shop {
	t.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, cmd: cmd}
	t.Cleanup(s.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal("the shop says nothing: ", err)
	}
	s.url = strings.TrimSpace(line)
	return s
}

// kill returns when the process is gone.
func (s *shop) kill() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
}

// answer is what any of the shop's answers may hold.
type answer struct {
	ID     pawl.RunID
	Status pawl.Status
	Result *string
}

func (s *shop) send(method, path, body string) (a answer) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || resp.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %s, %v", method, path, resp.Status, err)
	}
	return a
}

// until returns when an order has that status.
func (s *shop) until(id pawl.RunID, want pawl.Status) answer {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if a := s.send("GET", "/orders/"+string(id)+"?wait=10s", ""); a.Status == want {
			return a
		}
	}
	s.t.Fatalf("order %s is not %s after a minute", id, want)
	return answer{}
}

func build(t *testing.T) string {
	bin := filepath.Join(t.TempDir(), "await")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

const kettle = `{"item": "a kettle", "cents": 4000}`

// The provider calls before the flow awaits, and twice.
func TestPaidAtOnce(t *testing.T) {
	p := newPayments(t)
	p.atOnce = true
	s := open(t, build(t), "-data", t.TempDir(), "-port", "0", "-provider", p.server.URL)
	id := s.send("POST", "/orders", kettle).ID
	if a := s.until(id, pawl.StatusDone); a.Result == nil || *a.Result != "shipped a kettle" {
		t.Errorf("the order is %+v", a)
	}
	p.call(http.StatusOK, <-p.charges, "evt_1", `{"cents": 4000}`)
}

// The shop is killed while it waits, and opened again at the same place.
func TestPaidAfterARestart(t *testing.T) {
	p, bin, data := newPayments(t), build(t), t.TempDir()
	s := open(t, bin, "-data", data, "-port", "0", "-provider", p.server.URL)
	first, second := s.send("POST", "/orders", kettle).ID, s.send("POST", "/orders", kettle).ID
	charges := map[pawl.RunID]Charge{}
	for range 2 {
		c := <-p.charges
		run, _, _ := strings.Cut(filepath.Base(c.Webhook), ".")
		charges[pawl.RunID(run)] = c
	}
	s.until(first, pawl.StatusWaiting)
	s.until(second, pawl.StatusWaiting)
	p.call(http.StatusUnprocessableEntity, charges[first], "evt_0", `{"cents": "many"}`)
	s.kill()

	_, port, _ := strings.Cut(strings.TrimPrefix(s.url, "http://"), ":")
	s = open(t, bin, "-data", data, "-port", port, "-provider", p.server.URL)
	forged := charges[first]
	forged.Webhook = strings.Replace(forged.Webhook, string(first), string(second), 1)
	p.call(http.StatusNotFound, forged, "evt_1", `{"cents": 4000}`)
	for range 2 {
		p.call(http.StatusOK, charges[first], "evt_1", `{"cents": 4000}`)
	}
	p.call(http.StatusOK, charges[second], "evt_1", `{"cents": 10}`)
	p.call(http.StatusConflict, charges[second], "evt_2", `{"cents": 4000}`)
	for id, want := range map[pawl.RunID]string{first: "shipped a kettle", second: "canceled: 10 cents are not enough"} {
		if a := s.until(id, pawl.StatusDone); a.Result == nil || *a.Result != want {
			t.Errorf("the order is %+v, want %s", a, want)
		}
	}
	if len(p.charges) > 0 {
		t.Error("something was charged twice")
	}
}

// Nobody pays within a day.
func TestNobodyPays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		order := newOrder(func(context.Context, Charge) (string, error) { return "registered", nil })
		ran := pawltest.Run(t, order, Order{Item: "a kettle", Cents: 4000}, pawltest.Script{}).Waits("paid").Sleep(24 * time.Hour)
		if ran.Done(); ran.Out != "canceled: nobody paid for a kettle" {
			t.Errorf("the order is %q", ran.Out)
		}
		failing := newOrder(func(context.Context, Charge) (string, error) { return "", errors.New("no") })
		pawltest.Run(t, failing, Order{Item: "a kettle", Cents: 4000}, pawltest.Script{}).Failed("charge", pawl.ErrStep, "no")
	})
}
