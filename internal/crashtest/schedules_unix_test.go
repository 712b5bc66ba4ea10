//go:build unix

package crashtest

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/pawlrun/pawl/schedule"
)

// upFast starts the server in a child whose schedules go by a clock.
func (s *served) upFast(c fastClock) *process {
	s.t.Helper()
	text, err := json.Marshal(orders{Dir: s.dir, URL: s.provider.URL(), Play: playServe, Serve: serving{s.addr, s.token, c}})
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	p := spawn(s.t, cmd)
	p.says("serving at")
	return p
}

// A server that is killed under 200 runs and 50 streams, while two schedules are due each
// minute of a clock that runs fast, makes the run of each minute once by the policy of its
// schedule: of all that were missed, or of the latest of them, and the others are counted.
func TestServerKilledUnderSchedules(t *testing.T) {
	t.Parallel()
	runs, streams := 200, 50
	if testing.Short() {
		runs, streams = 40, 20
	}
	s := newHome(t, articleApproved).serve()
	clock := fastClock{time.Now(), 100} // a minute takes 0.6 s
	all, latest := s.minutely(schedule.MissedAll, clock.Begin), s.minutely(schedule.MissedLatest, clock.Begin)
	const absence = 5 // minutes, at least
	begun := false
	ids := s.killedUnder(runs, streams, func() *process {
		if begun {
			for back := clock.now().Add(absence * time.Minute); clock.now().Before(back); {
				<-clock.after(time.Minute / 4)
			}
		}
		begun = true
		return s.upFast(clock)
	}, 2, func() {
		s.pause(all)
		s.pause(latest)
	})

	made := s.runsOf(all)
	if !slices.Equal(made, minutesOf(all, len(made))) || len(made) < 2*absence {
		t.Errorf("%d runs of the schedule of which all times are made up for, with gaps: %v", len(made), made)
	}
	some := s.runsOf(latest)
	var state schedule.Schedule
	if err := s.Do(t.Context(), http.MethodGet, "/schedules/"+latest.Name, nil, &state); err != nil {
		t.Fatal(err)
	}
	if state.Skipped == nil || state.Skipped.Count < 2*(absence-1) {
		t.Fatalf("of two absences of %d minutes and more was passed over %+v", absence, state.Skipped)
	}
	decided := int(state.Until.Sub(clock.Begin.Truncate(time.Minute)) / time.Minute)
	if n := len(some) + int(state.Skipped.Count); n != decided {
		t.Errorf("%d runs and %d times passed over, of %d minutes", len(some), state.Skipped.Count, decided)
	}
	s.checkDone(slices.Concat(ids, made, some))
}
