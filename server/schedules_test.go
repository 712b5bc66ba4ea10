package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/client"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schedule"
	"github.com/pawlrun/pawl/server"
)

// A schedule is added once, looked at, paused, resumed, run at once and removed; viewers see
// it, without its secrets, and change nothing.
func TestSchedules(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "sqlite": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			h := open(t, dir, nil)
			const at = "/api/v1/schedules/weekly"
			const body = `{"flow":"letter","input":{"topic":"tides","secret":"walrus-77"},"cron":"0 7 * * 1","tz":"Europe/Berlin","budget":{"calls":9}}`
			if all := want[[]schedule.Record](h, 200, vera, "GET", "/api/v1/schedules", nil); len(all) != 0 {
				t.Errorf("there are %+v", all)
			}
			is := want[schedule.Record](h, 201, otto, "PUT", at, body)
			if is.Name != "weekly" || is.Who != "otto" || is.Missed != schedule.MissedLatest || is.Overlap != schedule.OverlapSkip || is.Next == nil || *is.Budget.Calls != 9 || is.Program != "" {
				t.Errorf("it is %+v", is)
			}
			if again := want[schedule.Record](h, 200, olga, "PUT", at, body); !again.CreatedAt.Equal(is.CreatedAt.Time) || again.Who != "otto" {
				t.Errorf("the same again is %+v", again)
			}
			for _, other := range []string{strings.Replace(body, "0 7", "0 8", 1), strings.Replace(body, "tides", "moon", 1), strings.Replace(body, `"calls":9`, `"calls":8`, 1)} {
				want[server.Problem](h, 409, otto, "PUT", at, other)
			}
			for wrong, says := range map[string]string{
				strings.Replace(body, "0 7", "99 7", 1): "minute", strings.Replace(body, "Berlin", "Atlantis", 1): "Atlantis",
				strings.Replace(body, "letter", "nope", 1): "body.flow", strings.Replace(body, "tides", "", 1): "body.input",
				strings.Replace(body, `"cron"`, `"missed":"some","cron"`, 1): "missed", strings.Replace(body, `"cron"`, `"missed":"all","overlap":"skip","cron"`, 1): "skipped",
				strings.Replace(body, `"cron"`, `"paused":true,"cron"`, 1): "paused",
			} {
				a := h.ask(otto, "PUT", "/api/v1/schedules/other", wrong)
				if a.StatusCode != 422 || !strings.Contains(string(a.text), says) {
					t.Errorf("%s is answered with %d %s", wrong, a.StatusCode, a.text)
				}
			}
			want[server.Problem](h, 422, otto, "PUT", "/api/v1/schedules/"+strings.Repeat("x", 65), body)
			want[server.Problem](h, 422, otto, "PUT", "/api/v1/schedules/a%20b", body)

			if is = want[schedule.Record](h, 200, otto, "POST", at+"/pause", nil); !is.Paused || is.Next != nil {
				t.Errorf("paused it is %+v", is)
			}
			rec := want[pawl.RunRecord](h, 201, otto, "POST", at+"/run-now", nil)
			if rec.Schedule != "weekly" {
				t.Errorf("its run is %+v", rec)
			}
			if is = want[schedule.Record](h, 200, otto, "POST", at+"/resume", nil); is.Paused || is.Next == nil || is.Last == nil || is.Last.Run != rec.ID || !is.Last.Now {
				t.Errorf("resumed it is %+v", is)
			}
			all, err := client.New(h.URL, vera).Schedules(t.Context())
			if err != nil || len(all) != 1 || all[0].Name != "weekly" || all[0].Last == nil {
				t.Errorf("the client lists %+v, %v", all, err)
			}
			for _, path := range []string{"/api/v1/schedules", at} {
				if a := h.ask(vera, "GET", path, nil); a.StatusCode != 200 || strings.Contains(string(a.text), "walrus") || !strings.Contains(string(a.text), "***") {
					t.Errorf("%s: %d %s", path, a.StatusCode, a.text)
				}
			}
			for path, method := range map[string]string{at: "PUT", at + "/pause": "POST", at + "/resume": "POST", at + "/run-now": "POST"} {
				want[server.Problem](h, 403, vera, method, path, body)
				want[server.Problem](h, 401, "", method, path, body)
			}
			want[server.Problem](h, 403, vera, "DELETE", at, nil)
			want[server.Problem](h, 405, otto, "POST", at, nil)
			want[any](h, 204, otto, "DELETE", at, nil)
			for path, method := range map[string]string{at: "GET", at + "/pause": "POST", at + "/resume": "POST", at + "/run-now": "POST"} {
				want[server.Problem](h, 404, otto, method, path, nil)
			}
			want[server.Problem](h, 404, otto, "DELETE", at, nil)
			if err := client.New(h.URL, otto).RemoveSchedule(t.Context(), "weekly"); !errors.Is(err, pawl.ErrNotFound) {
				t.Errorf("the client is told %v", err)
			}
		})
	}
}

// A run is made at once, once for each idempotency key, however the schedule stands by the
// time that its caller asks again.
func TestRunNowOnce(t *testing.T) {
	var fails atomic.Bool
	h := open(t, "", func(o *server.Options) {
		o.Journal = forgetful{o.Journal, o.Journal.(schedule.Keeper), &fails}
	})
	const at = "/api/v1/schedules/weekly"
	body := `{"flow":"letter","input":{"topic":"tides","secret":"walrus"},"cron":"0 7 * * 1"}`
	want[schedule.Record](h, 201, otto, "PUT", at, body)
	c := client.New(h.URL, otto)
	first, err := c.RunSchedule(t.Context(), "weekly", "order 7")
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.RunSchedule(t.Context(), "weekly", "order 7")
	if other, err2 := c.RunSchedule(t.Context(), "weekly", ""); err != nil || err2 != nil || again.ID != first.ID || other.ID == first.ID {
		t.Errorf("the same again is %s, not %s, another is %s: %v, %v", again.ID, first.ID, other.ID, err, err2)
	}
	if _, err := c.Start(t.Context(), client.Start{Flow: "letter", Input: json.RawMessage(`{"topic":"tides","secret":"walrus"}`), Key: "order 7"}); !errors.Is(err, pawl.ErrConflict) {
		t.Errorf("a start with the same key: %v", err)
	}
	// That it is the last one cannot be stored: the run is there, and the answer.
	fails.Store(true)
	second, err := c.RunSchedule(t.Context(), "weekly", "order 8")
	if err != nil || second.Schedule != "weekly" {
		t.Fatalf("where that is not stored: %+v, %v", second, err)
	}
	last := func() pawl.RunID {
		t.Helper()
		return want[schedule.Record](h, 200, otto, "GET", at, nil).Last.Run
	}
	before := last()
	fails.Store(false)
	if again, err = c.RunSchedule(t.Context(), "weekly", "order 8"); err != nil || again.ID != second.ID || before == second.ID || last() != second.ID {
		t.Errorf("the same again is %s, not %s, the last one was %s and is %s: %v", again.ID, second.ID, before, last(), err)
	}
	if again, err = c.RunSchedule(t.Context(), "weekly", "order 7"); err != nil || again.ID != first.ID || last() != second.ID {
		t.Errorf("the older one again is %s, the last one is %s: %v", again.ID, last(), err)
	}
	want[any](h, 204, otto, "DELETE", at, nil)
	if again, err = c.RunSchedule(t.Context(), "weekly", "order 7"); err != nil || again.ID != first.ID {
		t.Errorf("after the schedule was removed it is %s: %v", again.ID, err)
	}
	want[server.Problem](h, 404, otto, "POST", at+"/run-now", nil)
	want[schedule.Record](h, 201, otto, "PUT", "/api/v1/schedules/daily", body)
	if _, err := c.RunSchedule(t.Context(), "daily", "order 7"); !errors.Is(err, pawl.ErrConflict) {
		t.Errorf("another schedule with the same key: %v", err)
	}
}

// forgetful changes no schedule while it fails.
type forgetful struct {
	journal.Reader
	schedule.Keeper
	fails *atomic.Bool
}

func (f forgetful) UpdateSchedule(ctx context.Context, s schedule.Schedule) (int64, error) {
	if f.fails.Load() {
		return 0, errors.New("the disk is full")
	}
	return f.Keeper.UpdateSchedule(ctx, s)
}
