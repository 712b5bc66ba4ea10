package limit_test

import (
	"context"
	"errors"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/limit"
)

// hasty is a keeper whose limits somebody else removes at once.
type hasty struct{ limit.Keeper }

func (h hasty) SetLimit(ctx context.Context, l limit.Limit) error {
	if err := h.Keeper.SetLimit(ctx, l); err != nil {
		return err
	}
	return h.RemoveLimit(ctx, l.Name())
}

// What is set is shown as it stands then; what is gone by then is not said to be set, and what
// is none changes nothing.
func TestSet(t *testing.T) {
	k := checktest.Memory(t)
	e := local.New(&local.Options{Journal: k})
	l := limit.Limit{Flow: "article", Per: limit.PerDay, Zone: "UTC", Most: pawl.Budget{Calls: new(int64)}, Who: "anna"}
	if _, _, err := limit.Set(t.Context(), hasty{k}, e, l); !errors.Is(err, pawl.ErrConflict) {
		t.Errorf("a limit that is gone: %v", err)
	}
	is, retried, err := limit.Set(t.Context(), k, e, l)
	if err != nil || retried != 0 || is.Name() != l.Name() || is.Who != "anna" || *is.Most.Calls != 0 || is.Until.IsZero() {
		t.Errorf("it stands as %+v, %d %v", is, retried, err)
	}
	l.Most = pawl.Budget{}
	if _, _, err := limit.Set(t.Context(), k, e, l); !errors.Is(err, pawl.ErrInput) {
		t.Errorf("a limit of nothing: %v", err)
	}
	all, err := k.Limits(t.Context())
	if err != nil || len(all) != 1 || *all[0].Most.Calls != 0 {
		t.Errorf("there are %+v, %v", all, err)
	}
}
