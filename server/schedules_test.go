package server_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/client"
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
