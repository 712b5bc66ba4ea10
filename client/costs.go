package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/pawlrun/pawl/cost"
)

// Costs adds up what calls of models have cost. Of the query By may be empty, which is by
// flow, and Zone, which is UTC. What has ended since the query's Since counts, from the
// beginning of its quarter of an hour on, or by day of its day; the zero time is since ever.
// The error is pawl.ErrInput if the server does not know the time zone.
func (c *Client) Costs(ctx context.Context, q cost.Query) (report cost.Report, err error) {
	is := url.Values{}
	for name, value := range map[string]string{"by": string(q.By), "flow": q.Flow, "tz": q.Zone} {
		if value != "" {
			is.Set(name, value)
		}
	}
	if !q.Since.IsZero() {
		is.Set("since", q.Since.Format(time.RFC3339Nano))
	}
	return report, c.Do(ctx, http.MethodGet, "/costs?"+is.Encode(), nil, &report)
}
