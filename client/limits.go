package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/pawlrun/pawl"
)

// Limit bounds what all runs, or those of a flow, may take together. Of one that is to be
// set Flow, Per, Zone and Limit count.
type Limit struct {
	Flow     string        `json:"flow"`     // whose runs it counts; empty: all runs
	Per      string        `json:"per"`      // in which time: day, month or total
	Zone     string        `json:"tz"`       // the time zone whose days and months count; empty: UTC
	Limit    pawl.Budget   `json:"limit"`    // what they may take
	Spent    pawl.Spending `json:"spent"`    // by calls that have ended
	Reserved pawl.Spending `json:"reserved"` // for the calls in flight
	Left     pawl.Budget   `json:"left"`     // of each thing that is limited
	Since    pawl.Time     `json:"since"`    // from when on it has counted
	Until    *pawl.Time    `json:"until"`    // then it begins anew; nil: never
	Who      string        `json:"who"`      // who set it
	SetAt    pawl.Time     `json:"set_at"`   // when
}

// Limits returns the limits as they stand: that of all runs first, then by flow.
func (c *Client) Limits(ctx context.Context) (all []Limit, err error) {
	return all, c.Do(ctx, http.MethodGet, "/limits", nil, &all)
}

// SetLimit sets a limit, in the place of the one for the same flow and time, whose count it
// keeps, and returns it as it stands then. Runs that stand at a limit try once more.
func (c *Client) SetLimit(ctx context.Context, l Limit) (set Limit, err error) {
	in := struct {
		Zone  string `json:"tz,omitempty"`
		Limit Budget `json:"limit"`
	}{l.Zone, Budget{USD: l.Limit.USD, Tokens: l.Limit.Tokens, Calls: l.Limit.Calls}}
	return set, c.Do(ctx, http.MethodPut, limitPath(l.Flow, l.Per), in, &set)
}

// RemoveLimit removes a limit and what it has counted; the runs that stand at it try once
// more. The error is pawl.ErrNotFound if there is none.
func (c *Client) RemoveLimit(ctx context.Context, flow, per string) error {
	return c.Do(ctx, http.MethodDelete, limitPath(flow, per), nil, nil)
}

func limitPath(flow, per string) string {
	path := "/limits/" + url.PathEscape(per)
	if flow != "" {
		path += "?flow=" + url.QueryEscape(flow)
	}
	return path
}
