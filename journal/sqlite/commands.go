package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

// Submit implements journal.Commands.
func (db *DB) Submit(ctx context.Context, p journal.Command) (int64, error) {
	decision, directive, err := p.Encode()
	if err != nil {
		return 0, err
	}
	var id int64
	err = db.write(ctx, &op{
		name: "command to run", run: p.Run, bytes: 1<<10 + len(decision) + len(directive),
		apply: func(t *tx) (err error) {
			id, err = t.submit(p.Run, db.time(), decision, directive)
			return err
		},
	})
	return id, err
}

func (t *tx) submit(run pawl.RunID, at pawl.Time, decision, directive []byte) (id int64, err error) {
	var row [4]driver.Value
	err = t.row(row[:], t.getStatus, string(run))
	status, _ := row[1].(string)
	final, _ := row[2].(int64)
	is := journal.Summary{Status: pawl.Status(status), Final: final == 1}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, refusal.NotFound(run)
	case err != nil:
		return 0, err
	case number(row[3]) == 1:
		return 0, refusal.Imported(run)
	case is.Ended():
		return 0, refusal.RunEnded(run, is.Ending())
	}
	if err = t.row(row[:1], t.addCommand, number(row[0]), millis(at), text(decision), text(directive)); err != nil {
		return 0, err
	}
	return number(row[0]), nil
}

// text is JSON as a column takes it: null if there is none.
func text(b []byte) any {
	if b == nil {
		return nil
	}
	return string(b)
}

// handle says in the transaction what came of commands of a run.
func (t *tx) handle(run pawl.RunID, n int64, at pawl.Time, all []journal.Handled) error {
	for _, s := range all {
		why, err := refused(s.Refused)
		if err != nil {
			return err
		}
		changed, err := t.exec(t.handleCommand, millis(at), why, s.Command, n)
		if err != nil {
			return err
		}
		if changed == 0 {
			return t.notPending(run, n, s.Command)
		}
	}
	return nil
}

// notPending says why a command is not one of the run that can be handled.
func (t *tx) notPending(run pawl.RunID, n, command int64) error {
	err := t.row(make([]driver.Value, 1), t.getCommand, command, n)
	switch {
	case err == nil:
		return dirty{refusal.Handled(run, command)}
	case errors.Is(err, sql.ErrNoRows):
		return dirty{refusal.NotSubmitted(run, command)}
	}
	return err
}

func refused(f *journal.Failure) (any, error) {
	if f == nil {
		return nil, nil
	}
	b, err := json.Marshal(f)
	return string(b), err
}

// refuseAll refuses what is pending for the run with number n.
func (t *tx) refuseAll(n int64, at pawl.Time, f *journal.Failure) error {
	why, err := refused(f)
	if err == nil {
		_, err = t.exec(t.refuseCommands, millis(at), why, n)
	}
	return err
}

// These look at the pending ones alone, of which there are few. They repeat the condition
// of their index word for word. Of a run that has none there is one row without any.
const (
	selectPosts  = "SELECT p.id, r.id, p.at, p.decision, p.directive FROM "
	listRunPosts = selectPosts + `runs r LEFT JOIN posts p INDEXED BY posts_pending ON p.run = r.n AND p.settled_at IS NULL
		WHERE r.id = ? ORDER BY p.id`
	listHeldPosts = selectPosts + `posts p INDEXED BY posts_pending CROSS JOIN runs r ON r.n = p.run
		WHERE settled_at IS NULL AND r.owner = ? ORDER BY p.id`
)

// Pending implements journal.Commands.
func (db *DB) Pending(ctx context.Context, run pawl.RunID) ([]journal.Command, error) {
	query, whose := listHeldPosts, db.procs.self
	if run != "" {
		query, whose = listRunPosts, string(run)
	}
	return reading(ctx, db, "list commands", func(ctx context.Context) ([]journal.Command, error) {
		list, found, err := db.pending(ctx, query, whose)
		if err == nil && !found && run != "" {
			err = refusal.NotFound(run)
		}
		return list, err
	})
}

// pending reports also whether there was a row at all.
func (db *DB) pending(ctx context.Context, query, whose string) (list []journal.Command, found bool, err error) {
	list = []journal.Command{}
	err = db.readers.each(ctx, func(row *sql.Rows) error {
		found = true
		var p journal.Command
		var id, at sql.NullInt64
		var decision, directive []byte
		if err := row.Scan(&id, &p.Run, &at, &decision, &directive); err != nil || !id.Valid {
			return err
		}
		p.ID, p.At = id.Int64, fromMillis(at.Int64)
		err := p.Decode(decision, directive)
		list = append(list, p)
		return err
	}, query, whose)
	return list, found, err
}

// Handled implements journal.Commands.
func (db *DB) Handled(ctx context.Context, command int64) (done bool, why *journal.Failure, err error) {
	operation := fmt.Sprintf("read command %d", command)
	if err := db.enter(ctx, operation); err != nil {
		return false, nil, err
	}
	defer db.calls.Done()
	done, why, err = db.outcome(ctx, command)
	return done, why, failure(db.path, operation, err)
}

func (db *DB) outcome(ctx context.Context, command int64) (done bool, why *journal.Failure, err error) {
	var stored []byte
	err = db.readers.QueryRowContext(ctx, "SELECT settled_at IS NOT NULL, refused FROM posts WHERE id = ?", command).Scan(&done, &stored)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil, refusal.NoCommand(command)
	}
	if err == nil && stored != nil {
		err = json.Unmarshal(stored, &why)
	}
	return done, why, err
}
