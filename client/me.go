package client

import (
	"context"
	"net/http"

	"github.com/pawlrun/pawl"
)

// Me is who a token belongs to, and what they may do.
type Me struct {
	Name     string      `json:"name"`      // that is recorded with what they do
	Role     string      `json:"role"`      // viewer, operator or blocker
	Run      *pawl.RunID `json:"run"`       // of the role blocker: the run that they may decide on; nil: of others
	Step     *pawl.Key   `json:"step"`      // of the role blocker: the step of it; nil: of others
	Demo     bool        `json:"demo"`      // whether they may have demonstration runs made
	Model    string      `json:"model"`     // that runs ask whose start names none; empty: not known
	StandIns []string    `json:"stand_ins"` // providers of models whose answers are made up, as in offline
}

// Me says who the client's token belongs to.
func (c *Client) Me(ctx context.Context) (me Me, err error) {
	return me, c.Do(ctx, http.MethodGet, "/me", nil, &me)
}
