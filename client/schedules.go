package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schedule"
)

// Schedule is a schedule that is to be added; see schedule.Schedule.
type Schedule struct {
	Flow        string           `json:"flow"`
	Input       json.RawMessage  `json:"input"`
	Cron        string           `json:"cron"`
	Zone        string           `json:"tz,omitempty"` // empty: UTC
	Model       string           `json:"model,omitempty"`
	Fallback    []string         `json:"fallback,omitempty"`
	Budget      *Budget          `json:"budget,omitempty"` // nil: no limit
	Missed      schedule.Missed  `json:"missed,omitempty"`
	MissedLimit int              `json:"missed_limit,omitempty"`
	Overlap     schedule.Overlap `json:"overlap,omitempty"`
}

// Schedules returns all schedules, by name.
func (c *Client) Schedules(ctx context.Context) (all []schedule.Record, err error) {
	return all, c.Do(ctx, http.MethodGet, "/schedules", nil, &all)
}

// PutSchedule adds a schedule under a name. The same again adds nothing; with other choices
// it is pawl.ErrConflict.
func (c *Client) PutSchedule(ctx context.Context, name string, s Schedule) (is schedule.Record, err error) {
	return is, c.Do(ctx, http.MethodPut, schedulePath(name), s, &is)
}

// RemoveSchedule removes a schedule. Its runs stay.
func (c *Client) RemoveSchedule(ctx context.Context, name string) error {
	return c.Do(ctx, http.MethodDelete, schedulePath(name), nil, nil)
}

// RunSchedule makes a run of a schedule at once, and returns it. The key is an idempotency
// key: the same again is the same run. Empty: each is another run.
func (c *Client) RunSchedule(ctx context.Context, name, key string) (run pawl.RunRecord, err error) {
	return run, c.send(ctx, http.MethodPost, schedulePath(name)+"/run-now", keyHeader(key), nil, &run)
}

func schedulePath(name string) string { return "/schedules/" + url.PathEscape(name) }
