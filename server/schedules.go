package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/scheduler"
	"github.com/pawlrun/pawl/schedule"
)

// InSchedule names a schedule in a path.
type InSchedule struct {
	Name string `path:"name" minLength:"1" maxLength:"64" pattern:"^[a-zA-Z0-9_.-]+$" doc:"The schedule's name: letters, digits, -, _ and ."`
}

type runNow struct {
	InSchedule
	Idempotency string `header:"Idempotency-Key" maxLength:"200" doc:"A text of the caller's own. The same again is the same run."`
}

type putSchedule struct {
	InSchedule
	Body scheduleBody
}

// scheduleBody is what is chosen of a schedule.
type scheduleBody struct {
	Flow     string           `json:"flow" doc:"The flow's name."`
	Input    json.RawMessage  `json:"input" doc:"Of each run; what it must be says the flow's schema."`
	Cron     string           `json:"cron" doc:"Minute, hour, day of the month, month and day of the week, as in 0 7 * * 1."`
	Zone     string           `json:"tz,omitempty" doc:"Time zone of the IANA database; empty: UTC."`
	Model    string           `json:"model,omitempty" doc:"provider/model for every ask of each run; empty: what prompts say, or else the default of whoever executes it."`
	Fallback []string         `json:"fallback,omitempty" nullable:"false" doc:"Models that are asked in turn where the ones before cannot answer."`
	Budget   *Limits          `json:"budget,omitempty" doc:"Bounds what each run may take."`
	Missed   schedule.Missed  `json:"missed,omitempty" enum:"latest,none,all" default:"latest" doc:"What becomes of times that were missed."`
	Latest   int              `json:"missed_limit,omitempty" minimum:"1" maximum:"100" default:"10" doc:"Of how many of them runs are made, if of all."`
	Overlap  schedule.Overlap `json:"overlap,omitempty" enum:"skip,queue,allow" doc:"What becomes of a time while the last run is under way; absent: skip, or queue where all missed times are made up for."`
}

// scheduled is a schedule that was added, or was there.
type scheduled struct {
	Status int
	Body   schedule.Record
}

func (s *Server) scheduleRoutes() {
	const one = "/schedules/{name}"
	route(s, operation(http.MethodGet, "/schedules", "list-schedules", "List schedules, by name"), RoleViewer,
		func(ctx context.Context, _ *struct{}) (*body[[]schedule.Record], error) {
			all, err := s.view.Schedules(ctx, s.o.Program, time.Now())
			return bodyOf(all), err
		})
	route(s, operation(http.MethodGet, one, "get-schedule", "Get a schedule, and how it stands"), RoleViewer,
		func(ctx context.Context, in *InSchedule) (*body[schedule.Record], error) {
			return s.showSchedule(ctx, in.Name)
		})
	put := operation(http.MethodPut, one, "put-schedule", "Have a flow run at the times of a cron expression")
	put.Description = "A schedule is never changed: with other choices than it was added with it is refused. 200 says that it was there already."
	put.DefaultStatus = http.StatusCreated
	route(s, put, RoleOperator, s.putSchedule)
	remove := operation(http.MethodDelete, one, "remove-schedule", "Remove a schedule; its runs stay")
	remove.DefaultStatus = http.StatusNoContent
	route(s, remove, RoleOperator, func(ctx context.Context, in *InSchedule) (*struct{}, error) {
		k, err := s.scheduleKeeper()
		if err != nil {
			return nil, err
		}
		return nil, k.RemoveSchedule(ctx, in.Name)
	})
	route(s, operation(http.MethodPost, one+"/pause", "pause-schedule", "Make no run of a schedule until it is resumed"), RoleOperator,
		func(ctx context.Context, in *InSchedule) (*body[schedule.Record], error) {
			return s.changeSchedule(ctx, in.Name, func(is schedule.Schedule) (schedule.Schedule, bool) { return is.Pause(), !is.Paused })
		})
	route(s, operation(http.MethodPost, one+"/resume", "resume-schedule", "Go on with a schedule that is paused, from now on"), RoleOperator,
		func(ctx context.Context, in *InSchedule) (*body[schedule.Record], error) {
			return s.changeSchedule(ctx, in.Name, func(is schedule.Schedule) (schedule.Schedule, bool) {
				return is.Resume(pawl.At(time.Now())), is.Paused
			})
		})
	now := operation(http.MethodPost, one+"/run-now", "run-schedule-now", "Make a run of a schedule at once, whatever its times and policies say")
	now.Description = "200 says that the run was there already, made with the same Idempotency-Key."
	now.DefaultStatus = http.StatusCreated
	route(s, now, RoleOperator, s.runScheduleNow)
}

// scheduleKeeper is where schedules are kept.
func (s *Server) scheduleKeeper() (schedule.Keeper, error) {
	k, ok := s.o.Journal.(schedule.Keeper)
	if !ok {
		return nil, &pawl.Error{Kind: pawl.ErrInput, Message: "the journal of this program keeps no schedules"}
	}
	return k, nil
}

// showSchedule is a schedule as it may be shown.
func (s *Server) showSchedule(ctx context.Context, name string) (*body[schedule.Record], error) {
	all, err := s.view.Schedules(ctx, s.o.Program, time.Now())
	if err != nil {
		return nil, err
	}
	for _, is := range all {
		if is.Name == name {
			return bodyOf(is), nil
		}
	}
	return nil, &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("no schedule %q", name)}
}

func (s *Server) changeSchedule(ctx context.Context, name string, change func(schedule.Schedule) (schedule.Schedule, bool)) (*body[schedule.Record], error) {
	k, err := s.scheduleKeeper()
	if err == nil {
		_, err = scheduler.Change(ctx, k, name, change)
	}
	if err != nil {
		return nil, err
	}
	return s.showSchedule(ctx, name)
}

// putSchedule adds a schedule, once.
func (s *Server) putSchedule(ctx context.Context, in *putSchedule) (*scheduled, error) {
	k, err := s.scheduleKeeper()
	if err != nil {
		return nil, err
	}
	f := s.view.Flow(in.Body.Flow)
	if f == nil {
		return nil, badParameter("body.flow", "names no flow of this program; "+prefix+"/flows lists them")
	}
	at := pawl.At(time.Now())
	is := schedule.Schedule{
		Name: in.Name, Flow: f.Name(), Program: s.o.Program, Cron: in.Body.Cron, Zone: in.Body.Zone, Model: in.Body.Model, Fallback: in.Body.Fallback, Budget: in.Body.Budget.budget(),
		Missed: in.Body.Missed, MissedLimit: in.Body.Latest, Overlap: in.Body.Overlap, Who: ActorOf(ctx).Name, CreatedAt: at, Until: at,
	}.WithDefaults()
	if err := is.Check(); err != nil {
		return nil, err
	}
	if is.Input, err = f.CheckInput(in.Body.Input); err != nil {
		return nil, newProblem(err).in("body.input")
	}
	out := &scheduled{Status: http.StatusCreated}
	if err = k.AddSchedule(ctx, is); errors.Is(err, pawl.ErrConflict) {
		out.Status = http.StatusOK
		var there schedule.Schedule
		if there, err = scheduler.Find(ctx, k, is.Name); err == nil && !chosenAlike(there, is) {
			err = &pawl.Error{Kind: pawl.ErrConflict, Message: fmt.Sprintf("schedule %q exists already, with other choices", is.Name), Hint: "remove it first"}
		}
	}
	if err != nil {
		return nil, err
	}
	shown, err := s.showSchedule(ctx, is.Name)
	if err == nil {
		out.Body = shown.Body
	}
	return out, err
}

// chosenAlike reports whether two schedules of one name want the same.
func chosenAlike(a, b schedule.Schedule) bool {
	return a.Flow == b.Flow && a.Program == b.Program && a.Cron == b.Cron && a.Zone == b.Zone && string(a.Input) == string(b.Input) &&
		a.Model == b.Model && slices.Equal(a.Fallback, b.Fallback) && reflect.DeepEqual(a.Budget, b.Budget) &&
		a.Missed == b.Missed && (a.Missed != schedule.MissedAll || a.MissedLimit == b.MissedLimit) && a.Overlap == b.Overlap
}

// runScheduleNow makes a run of a schedule, once for each idempotency key of its caller. Once
// the run is there it is the answer, whatever has become of the schedule.
func (s *Server) runScheduleNow(ctx context.Context, in *runNow) (out *started, err error) {
	k, err := s.scheduleKeeper()
	if err != nil {
		return nil, err
	}
	if in.Idempotency == "" {
		return s.makeNow(ctx, k, in.Name, "")
	}
	id := runIDOf(ctx, in.Idempotency)
	err = s.view.Once(ctx, id, func(there bool) (err error) {
		if there {
			out, err = s.madeNow(ctx, k, in.Name, id)
		} else {
			out, err = s.makeNow(ctx, k, in.Name, id)
		}
		return err
	})
	return out, err
}

// makeNow makes a run of a schedule, with that id if there is one.
func (s *Server) makeNow(ctx context.Context, k schedule.Keeper, name string, id pawl.RunID) (*started, error) {
	is, err := scheduler.Find(ctx, k, name)
	if err != nil {
		return nil, err
	}
	f := is.FlowOf(s.o.Program, s.o.Flows)
	if f == nil {
		shown, err := s.showSchedule(ctx, name)
		if err == nil {
			err = &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("schedule %q: %s", name, shown.Body.Problem)}
		}
		return nil, err
	}
	id, err = scheduler.RunNow(ctx, s.o.Engine, k, f, is, id, pawl.At(time.Now()), ActorOf(ctx).Name)
	if id == "" {
		return nil, s.view.InputError(is.Flow, is.Input, err)
	}
	s.logUnnoted(is.Name, id, err)
	out := &started{Status: http.StatusCreated, Location: prefix + "/runs/" + string(id)}
	out.Body, err = s.view.Run(ctx, id)
	return out, err
}

// madeNow is a run of a schedule that was made with the same idempotency key before.
func (s *Server) madeNow(ctx context.Context, k schedule.Keeper, name string, id pawl.RunID) (*started, error) {
	rec, err := s.view.Run(ctx, id)
	if err != nil {
		return nil, err
	}
	if rec.Schedule != name {
		return nil, &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("this Idempotency-Key was used with another request: run %s is none of schedule %s", id, name)}
	}
	s.logUnnoted(name, id, scheduler.NoteNow(ctx, k, name, id, rec.CreatedAt)) // whoever made it may have died before
	return &started{Status: http.StatusOK, Location: prefix + "/runs/" + string(id), Body: rec}, nil
}

// logUnnoted logs why a run is not kept as the last one of its schedule, if it is not.
func (s *Server) logUnnoted(name string, run pawl.RunID, err error) {
	if err != nil && !errors.Is(err, pawl.ErrNotFound) { // it was removed
		s.log.Warn("that a run is the last one of its schedule is not kept", "schedule", name, "run", string(run), "error", err.Error())
	}
}
