package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/server"
)

// A run is started, looked at, decided on by somebody else, and done: what the API says
// of it is what the engine says.
func TestRunFromStartToEnd(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "sqlite": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			h := open(t, dir, nil)
			flows := want[[]view.FlowRecord](h, 200, vera, "GET", "/api/v1/flows", nil)
			if len(flows) != 2 || flows[0].Name != "letter" {
				t.Errorf("flows are %+v", flows)
			}
			d := want[view.FlowDescription](h, 200, vera, "GET", "/api/v1/flows/letter", nil)
			if string(d.Example) != `{"topic":"tides"}` || !json.Valid(d.Output) {
				t.Errorf("the flow is described as %+v", d)
			}
			a := h.ask(otto, "POST", "/api/v1/runs", `{"flow":"letter","input":{"topic":"tides","secret":"walrus-77"}}`)
			var rec pawl.RunRecord
			if err := json.Unmarshal(a.text, &rec); err != nil || a.StatusCode != 201 || a.Header.Get("Location") != "/api/v1/runs/"+string(rec.ID) {
				t.Fatalf("start: %d, %s, %v: %s", a.StatusCode, a.Header.Get("Location"), err, a.text)
			}
			h.rest(rec.ID)
			at := "/api/v1/runs/" + string(rec.ID)
			rec = want[pawl.RunRecord](h, 200, vera, "GET", at, nil)
			if rec.Status != pawl.StatusWaiting || rec.Who != "otto" || len(rec.Steps) < 3 {
				t.Fatalf("the run is %+v", rec)
			}
			steps := want[[]pawl.StepRecord](h, 200, vera, "GET", at+"/steps", nil)
			for _, step := range steps {
				for _, path := range []string{url.PathEscape(string(step.Key)), strings.NewReplacer("#", "%23", "[", "%5B", "]", "%5D").Replace(string(step.Key)), strings.ReplaceAll(string(step.Key), "#", "%23")} {
					got := want[view.Step](h, 200, vera, "GET", at+"/steps/"+path, nil)
					if got.Step.Key != step.Key {
						t.Errorf("step %s is %s", path, got.Step.Key)
					}
				}
			}
			inbox := want[[]pawl.InboxItem](h, 200, vera, "GET", "/api/v1/inbox", nil)
			if len(inbox) != 1 || inbox[0].Run != rec.ID || inbox[0].Key != "send" {
				t.Errorf("the inbox is %+v", inbox)
			}
			var open struct {
				pawl.InboxItem
				Schema map[string]any `json:"schema"`
			}
			a = h.ask(otto, "GET", at+"/blockers/send", nil)
			if err := json.Unmarshal(a.text, &open); err != nil || open.Question != "Send it?" || open.Schema["type"] != "object" {
				t.Errorf("the blocker is %s, %v", a.text, err)
			}

			p := want[server.Problem](h, 422, otto, "POST", at+"/decisions", h.decision(rec, "approve"))
			if !strings.Contains(p.Detail, "otto may not decide it") {
				t.Errorf("who has started it is refused with %+v", p)
			}
			edited := h.decision(rec, "approve")
			edited["value"] = map[string]any{"text": "x", "words": -1}
			p = want[server.Problem](h, 422, olga, "POST", at+"/decisions", edited)
			if p.Kind != pawl.ErrInput || p.Step != "send" || !strings.Contains(p.Detail, "words") {
				t.Errorf("a bad edit is refused with %+v", p)
			}
			edited["value"] = map[string]any{"text": "Dear harbour", "words": 2}
			want[pawl.RunRecord](h, 200, olga, "POST", at+"/decisions", edited)
			p = want[server.Problem](h, 409, otto, "POST", at+"/decisions", edited)
			if p.Kind != pawl.ErrConflict || p.Decided == nil || p.Decided.Who != "olga" || p.Decided.At.IsZero() {
				t.Errorf("the loser is told %+v", p)
			}
			h.rest(rec.ID)
			rec = want[pawl.RunRecord](h, 200, vera, "GET", at, nil)
			if rec.Status != pawl.StatusDone || string(rec.Output) != `"Dear harbour"` || rec.Decisions[0].Who != "olga" {
				t.Errorf("the run is %+v", rec)
			}
			p = want[server.Problem](h, 404, otto, "GET", at+"/blockers/send", nil)
			if p.Decided == nil || p.Decided.Who != "olga" {
				t.Errorf("a blocker that was lifted is %+v", p)
			}
			whole := want[pawl.RunRecord](h, 200, vera, "GET", at, nil)
			if events := want[[]pawl.Event](h, 200, vera, "GET", at+"/events?limit=1000", nil); len(events) < 8 || int(events[len(events)-1].Seq) != len(events) {
				t.Errorf("%d events for %+v", len(events), whole)
			}
			if part := want[[]pawl.Event](h, 200, vera, "GET", at+"/events?after=2&limit=3", nil); len(part) != 3 || part[0].Seq != 3 {
				t.Errorf("a part of the events is %+v", part)
			}
			for _, path := range []string{at, at + "/steps", at + "/events", "/api/v1/runs", at + "/export", at + "/steps/parts%5B0%5D%2Fwrite"} {
				if a := h.ask(vera, "GET", path, nil); strings.Contains(string(a.text), "walrus") || a.StatusCode != 200 {
					t.Errorf("%s: %d: a secret is shown: %s", path, a.StatusCode, a.text)
				}
			}
		})
	}
}

// The same key with the same body is the same run; with another body it is refused.
func TestIdempotencyKey(t *testing.T) {
	h := open(t, "", func(o *server.Options) { o.Flows = append(o.Flows, article.Flow) })
	key := func(r *http.Request) { r.Header.Set("Idempotency-Key", "order 7") }
	const body = `{"flow":"letter","input":{"topic":"tides"},"budget":{"calls":9}}`
	first := want[pawl.RunRecord](h, 201, otto, "POST", "/api/v1/runs", body, key)
	again := want[pawl.RunRecord](h, 200, otto, "POST", "/api/v1/runs", ` {"budget":{"calls":9},"input":{"topic": "tides"},"flow":"letter"}`, key)
	if first.ID != again.ID {
		t.Errorf("runs %s and %s", first.ID, again.ID)
	}
	for _, other := range []string{
		`{"flow":"letter","input":{"topic":"moon"},"budget":{"calls":9}}`, `{"flow":"letter","input":{"topic":"tides"}}`,
		`{"flow":"letter","input":{"topic":"tides"},"budget":{"calls":8}}`, `{"flow":"letter","input":{"topic":"tides"},"budget":{"calls":9},"model":"test/two"}`,
		`{"flow":"letter","input":{"topic":"tides"},"budget":{"calls":9},"step":true}`,
	} {
		if p := want[server.Problem](h, 409, otto, "POST", "/api/v1/runs", other, key); p.Kind != pawl.ErrConflict || !strings.Contains(p.Detail, "Idempotency-Key") {
			t.Errorf("%s: %+v", other, p)
		}
	}
	brief := map[string]any{"flow": "article", "input": map[string]any{"topic": "tides"}}
	prompt := article.Flow.Describe().Prompts[0]
	with := func(r *http.Request) { r.Header.Set("Idempotency-Key", "with a prompt") }
	for _, text := range []string{prompt.Text + "\nBe brief.\n", "", prompt.Text + "\nBe long.\n"} {
		status := 409
		if brief["prompts"] = []any{map[string]any{"name": prompt.Name, "text": text}}; strings.Contains(text, "brief") {
			want[pawl.RunRecord](h, 201, otto, "POST", "/api/v1/runs", brief, with)
			status = 200
		}
		if text == "" {
			delete(brief, "prompts")
		}
		if a := h.ask(otto, "POST", "/api/v1/runs", brief, with); a.StatusCode != status {
			t.Errorf("with the prompt %q it is answered with %d %s", text, a.StatusCode, a.text)
		}
	}
	if other := want[pawl.RunRecord](h, 201, olga, "POST", "/api/v1/runs", body, key); other.ID == first.ID {
		t.Error("somebody else's key is another one")
	}
	statuses := make(chan int)
	for range 8 { // at once
		go func() {
			a := h.ask(otto, "POST", "/api/v1/runs", body, func(r *http.Request) { r.Header.Set("Idempotency-Key", "at once") })
			statuses <- a.StatusCode
		}()
	}
	got := map[int]int{}
	for range 8 {
		got[<-statuses]++
	}
	if got[201] != 1 || got[200] != 7 {
		t.Errorf("8 at once are answered with %v", got)
	}
}

// Parts of a list fit together while runs are added, and each part says where the next
// one begins.
func TestListInParts(t *testing.T) {
	h := open(t, "", nil)
	var all []string
	for n := range 7 {
		rec := h.start(fmt.Sprintf(`{"topic":"tide %d"}`, n))
		all = append([]string{string(rec.ID)}, all...)
	}
	var got []string
	path := "/api/v1/runs?limit=3&status=waiting,failed&search=tide"
	for path != "" {
		a := h.ask(vera, "GET", path, nil)
		var list []view.Listed
		if err := json.Unmarshal(a.text, &list); err != nil || a.StatusCode != 200 {
			t.Fatalf("%s: %d %s", path, a.StatusCode, a.text)
		}
		for _, r := range list {
			if got = append(got, string(r.ID)); r.Usage == nil || r.Usage.ModelCalls != 2 {
				t.Errorf("usage of %s is %+v", r.ID, r.Usage)
			}
		}
		h.start(`{"topic":"tide, late"}`)
		path, _, _ = strings.Cut(strings.TrimPrefix(a.Header.Get("Link"), "<"), ">")
	}
	if strings.Join(got, " ") != strings.Join(all, " ") {
		t.Errorf("got %v, want %v", got, all)
	}
	if p := want[server.Problem](h, 404, vera, "GET", "/api/v1/runs?cursor=000000000000", nil); !strings.Contains(p.Detail, "begin the list anew") {
		t.Errorf("a cursor that is gone: %+v", p)
	}
	p := want[server.Problem](h, 422, vera, "GET", "/api/v1/runs?status=nope&since=yesterday&limit=0", nil)
	if len(p.Errors) < 2 || p.Kind != pawl.ErrInput {
		t.Errorf("bad filters: %+v", p)
	}
	if none := h.ask(vera, "GET", "/api/v1/runs?since=2999-01-01", nil); strings.TrimSpace(string(none.text)) != "[]" {
		t.Errorf("no runs are %s", none.text)
	}
}

// A rerun says what it would take over before it does so, a fork has the result that is
// given, and both are compared with their base.
func TestRerunForkDiff(t *testing.T) {
	h := open(t, "", nil)
	base := h.start(`{"topic":"tides"}`)
	at := "/api/v1/runs/" + string(base.ID)
	plan := want[[]pawl.PlannedStep](h, 200, vera, "POST", at+"/rerun/plan", nil)
	if len(plan) < 2 || plan[0].Key != "parts" && plan[0].Expect != pawl.ExpectReuse {
		t.Errorf("the plan is %+v", plan)
	}
	plan = want[[]pawl.PlannedStep](h, 200, otto, "POST", at+"/rerun/plan", `{"input_patch":{"topic":"moon"}}`)
	if plan[len(plan)-1].Expect == pawl.ExpectReuse {
		t.Errorf("the plan with another input is %+v", plan)
	}
	rerun := want[pawl.RunRecord](h, 201, olga, "POST", at+"/rerun", nil)
	if rerun.Base == nil || *rerun.Base != base.ID {
		t.Errorf("the rerun is %+v", rerun)
	}
	rerun = h.rest(rerun.ID)
	if rerun.Usage.ModelCalls != 0 {
		t.Errorf("the rerun took %+v", rerun.Usage)
	}
	c := want[view.Comparison](h, 200, vera, "GET", "/api/v1/runs/"+string(rerun.ID)+"/diff", nil)
	if c.A.Run != base.ID || c.B.Run != rerun.ID || !c.Input.Same {
		t.Errorf("the comparison is %+v", c)
	}
	fork := want[pawl.RunRecord](h, 201, otto, "POST", at+"/fork", `{"at":"parts[0]/write","result":{"text":"By hand","words":2}}`)
	fork = h.rest(fork.ID)
	c = want[view.Comparison](h, 200, vera, "GET", "/api/v1/runs/"+string(fork.ID)+"/diff?with="+string(base.ID)+"&step=parts%5B0%5D/write", nil)
	if len(c.Steps) != 1 || c.Steps[0].Change != view.StepChanged {
		t.Errorf("the fork's step is %+v", c.Steps)
	}
	p := want[server.Problem](h, 422, otto, "POST", at+"/fork", `{"at":"parts[0]/write","result":{"text":7}}`)
	if p.Kind != pawl.ErrInput {
		t.Errorf("a bad result: %+v", p)
	}
	want[server.Problem](h, 422, vera, "GET", at+"/diff", nil)
	want[server.Problem](h, 404, vera, "GET", "/api/v1/runs/000000000000/diff?with="+string(base.ID), nil)
}

// A run is paused, resumed, guided, raised and canceled in the name of the token.
func TestSteer(t *testing.T) {
	h := open(t, "", nil)
	rec := h.start(`{"topic":"tides"}`)
	at := "/api/v1/runs/" + string(rec.ID)
	want[pawl.RunRecord](h, 202, olga, "POST", at+"/pause", nil)
	if now := h.rest(rec.ID); now.Status != pawl.StatusPaused {
		t.Errorf("paused, it is %s", now.Status)
	}
	want[pawl.RunRecord](h, 200, olga, "POST", at+"/guidance", `{"text":"shorter"}`)
	want[pawl.RunRecord](h, 200, olga, "POST", at+"/raise", `{"calls":40}`)
	want[server.Problem](h, 422, olga, "POST", at+"/raise", `{}`)
	want[pawl.RunRecord](h, 202, olga, "POST", at+"/resume", nil)
	if now := h.rest(rec.ID); now.Status != pawl.StatusWaiting || now.Guidance[0].Who != "olga" || *now.Budget.Limit.Calls != 40 {
		t.Errorf("resumed, it is %+v", now)
	}
	want[pawl.RunRecord](h, 202, olga, "POST", at+"/cancel", `{"reason":"not wanted"}`)
	if now := h.rest(rec.ID); now.Status != pawl.StatusCanceled || !strings.Contains(now.Reason, "not wanted") {
		t.Errorf("canceled, it is %+v", now)
	}
	if p := want[server.Problem](h, 409, olga, "POST", at+"/resume", nil); p.Kind != pawl.ErrConflict {
		t.Errorf("resumed after that: %+v", p)
	}
	want[server.Problem](h, 409, olga, "POST", at+"/decisions", map[string]any{"key": "send", "what": "approve", "digest": "sha256:" + strings.Repeat("0", 64)})
	if a := h.ask(otto, "DELETE", at, nil); a.StatusCode != 204 || len(a.text) != 0 {
		t.Errorf("removed: %d %s", a.StatusCode, a.text)
	}
	want[server.Problem](h, 404, vera, "GET", at, nil)
	want[server.Problem](h, 404, otto, "DELETE", at, nil)
}

// A run goes out as a file and comes in as it was; one that was changed is refused.
func TestFiles(t *testing.T) {
	h := open(t, "", func(o *server.Options) {
		o.Document = func(_ []byte, format string) ([]byte, error) { return []byte("a document as " + format), nil }
	})
	rec := h.start(`{"topic":"tides"}`)
	at := "/api/v1/runs/" + string(rec.ID)
	file := h.ask(vera, "GET", at+"/export", nil)
	if file.StatusCode != 200 || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment;") {
		t.Fatalf("export: %d %s", file.StatusCode, file.text)
	}
	proof := want[runfile.Proof](h, 200, vera, "GET", at+"/verify", nil)
	if got := want[runfile.Proof](h, 200, vera, "POST", "/api/v1/verify", file.text); got.Last != proof.Last || got.Events != proof.Events {
		t.Errorf("the file proves %+v, the run %+v", got, proof)
	}
	other := open(t, "", nil)
	if taken := want[runfile.Taken](other, 200, otto, "POST", "/api/v1/runs/import", file.text); taken.Run != rec.ID || taken.There {
		t.Errorf("taken in: %+v", taken)
	}
	if got := want[pawl.RunRecord](other, 200, vera, "GET", at, nil); !got.Imported {
		t.Errorf("it is %+v", got)
	}
	changed := []byte(strings.Replace(string(file.text), "tides", "tiger", 1))
	if p := want[server.Problem](other, 409, vera, "POST", "/api/v1/verify", changed); p.Kind != pawl.ErrInput {
		t.Errorf("a changed file: %+v", p)
	}
	want[server.Problem](other, 422, otto, "POST", "/api/v1/runs/import", `{"no":"run"}`)
	if page := h.ask(vera, "GET", at+"/export?format=html", nil); string(page.text) != "a document as html" || !strings.HasPrefix(page.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("as a page: %+v %s", page.Header, page.text)
	}
	want[server.Problem](other, 422, vera, "GET", at+"/export?format=md", nil)
	less := h.ask(vera, "GET", at+"/export?redact=send&redact=input:topic", nil)
	if less.StatusCode != 200 || strings.Contains(string(less.text), "tides") || less.Header.Get("Pawl-Withheld") == "0" {
		t.Errorf("redacted: %d %v %s", less.StatusCode, less.Header, less.text)
	}
}

// full is a journal that can be read, and takes in nothing.
type full struct{ journal.Reader }

func (full) Ready(context.Context) error { return errors.New("the disk is full") }

func TestHealth(t *testing.T) {
	h := open(t, "", nil)
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := h.ask("", "GET", path, nil); a.StatusCode != 200 || string(a.text) != "ok\n" {
			t.Errorf("%s: %d %s", path, a.StatusCode, a.text)
		}
	}
	h.journal.Close()
	if p := want[server.Problem](h, 503, "", "GET", "/readyz", nil); p.Kind != pawl.ErrStorage {
		t.Errorf("with a journal that is closed: %+v", p)
	}
	h = open(t, "", func(o *server.Options) { o.Journal = full{o.Journal} })
	if a := h.ask("", "GET", "/readyz", nil); a.StatusCode != 503 || strings.Contains(string(a.text), "disk") {
		t.Errorf("where nothing can be written: %d %s", a.StatusCode, a.text)
	}
	if a := h.ask("", "GET", "/healthz", nil); a.StatusCode != 200 {
		t.Errorf("/healthz there: %d %s", a.StatusCode, a.text)
	}
}
