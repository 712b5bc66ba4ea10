package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

const (
	newest     = 20 // histories are verified; all of them if there is damage
	maxDamaged = 10 // runs are named
)

// checkHistories verifies the chains of hashes of the newest runs. If one is broken,
// or the database is damaged otherwise, it verifies all and says what can be
// saved.
func (r *Report) checkHistories(ctx context.Context, db Database, rows []journal.Row, damaged bool, file string) {
	const check = "history"
	checked := rows[:min(len(rows), newest)]
	bad, why := readBroken(ctx, db, checked)
	if len(bad) == 0 && !damaged {
		r.AddOK(check, "the hashes of %s fit, of %d", count(len(checked), "run"), len(rows))
		return
	}
	if len(rows) > len(checked) {
		more, reasons := readBroken(ctx, db, rows[len(checked):])
		bad, why = append(bad, more...), append(why, reasons...)
	}
	restore := "restore " + file + " from a backup"
	for _, err := range why[:min(len(why), maxDamaged)] {
		r.add(check, Fail, restore, "%v", err)
	}
	switch whole := count(len(rows)-len(bad), "run"); {
	case len(bad) == 0 && len(rows) > 0:
		r.add(check, Warn, r.Command("resume", "RUN")+" goes on with any of them, or "+restore,
			"the hashes of all %s fit: the damage lies elsewhere", whole)
	case len(bad) == len(rows):
		// Nothing can be saved, or there is nothing.
	default:
		r.add(check, Warn, r.Command("resume", "RUN")+" goes on with any of them; to have the others, "+restore,
			"%s of %d can be saved, their hashes fit; damaged: %s", whole, len(rows), named(bad))
	}
}

// readBroken returns the runs whose history is not whole, and what is wrong with each.
func readBroken(ctx context.Context, db Database, rows []journal.Row) (bad []pawl.RunID, why []error) {
	for _, r := range rows {
		events, err := db.Read(ctx, r.ID, 0, 0)
		if err == nil {
			err = journal.Verify(events)
		}
		if err == nil {
			err = r.VerifyBodies(events)
		}
		if err == nil && pawl.Seq(len(events)) < r.LastSeq {
			err = fmt.Errorf("run %s has %d of its %d events", r.ID, len(events), r.LastSeq)
		}
		if err != nil {
			bad, why = append(bad, r.ID), append(why, err)
		}
	}
	return bad, why
}

// named lists ids, up to some.
func named(ids []pawl.RunID) string {
	var s []string
	for _, id := range ids[:min(len(ids), maxDamaged)] {
		s = append(s, string(id))
	}
	if more := len(ids) - maxDamaged; more > 0 {
		s = append(s, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(s, ", ")
}
