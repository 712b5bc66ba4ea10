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

// Post implements journal.Posts.
func (db *DB) Post(ctx context.Context, p journal.Post) (int64, error) {
	decision, directive, err := p.Encode()
	if err != nil {
		return 0, err
	}
	var id int64
	err = db.write(ctx, &op{
		name: "post to run", run: p.Run, bytes: 1<<10 + len(decision) + len(directive),
		apply: func(t *tx) (err error) {
			id, err = t.post(p.Run, db.time(), decision, directive)
			return err
		},
	})
	return id, err
}

func (t *tx) post(run pawl.RunID, at pawl.Time, decision, directive []byte) (id int64, err error) {
	var row [2]driver.Value
	err = t.row(row[:], t.getStatus, string(run))
	status, _ := row[1].(string)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, refusal.NotFound(run)
	case err != nil:
		return 0, err
	case status == string(pawl.StatusDone) || status == string(pawl.StatusCanceled):
		return 0, refusal.Over(run, status)
	}
	if err = t.row(row[:1], t.addPost, number(row[0]), millis(at), text(decision), text(directive)); err != nil {
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

// settle says in the transaction what came of posts of a run.
func (t *tx) settle(run pawl.RunID, n int64, at pawl.Time, all []journal.Settled) error {
	for _, s := range all {
		why, err := refused(s.Refused)
		if err != nil {
			return err
		}
		changed, err := t.exec(t.settlePost, millis(at), why, s.Post, n)
		if err != nil {
			return err
		}
		if changed == 0 {
			return t.notPending(run, n, s.Post)
		}
	}
	return nil
}

// notPending says why a post is not one of the run that can be settled.
func (t *tx) notPending(run pawl.RunID, n, post int64) error {
	err := t.row(make([]driver.Value, 1), t.getPost, post, n)
	switch {
	case err == nil:
		return dirty{refusal.Settled(run, post)}
	case errors.Is(err, sql.ErrNoRows):
		return dirty{refusal.NotPosted(run, post)}
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
		_, err = t.exec(t.refusePosts, millis(at), why, n)
	}
	return err
}

// listPosts looks at the pending ones alone, of which there are few. It repeats
// the condition of their index word for word.
const (
	listPosts = `SELECT p.id, r.id, p.at, p.decision, p.directive
		FROM posts p INDEXED BY posts_pending CROSS JOIN runs r ON r.n = p.run WHERE settled_at IS NULL AND `
	listRunPosts  = listPosts + "p.run = (SELECT n FROM runs WHERE id = ?) ORDER BY p.id"
	listHeldPosts = listPosts + "r.owner = ? ORDER BY p.id"
)

// Pending implements journal.Posts.
func (db *DB) Pending(ctx context.Context, run pawl.RunID) ([]journal.Post, error) {
	const operation = "list posts"
	if err := db.enter(ctx, operation); err != nil {
		return nil, err
	}
	defer db.calls.Done()
	query, whose := listHeldPosts, db.procs.self
	if run != "" {
		query, whose = listRunPosts, string(run)
	}
	list, err := db.pending(ctx, query, whose)
	if err == nil && len(list) == 0 && run != "" {
		err = db.exists(ctx, run)
	}
	return list, failure(db.path, operation, err)
}

func (db *DB) pending(ctx context.Context, query, whose string) ([]journal.Post, error) {
	rows, err := db.readers.query(ctx, query, whose)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []journal.Post{}
	for rows.Next() {
		var p journal.Post
		var at int64
		var decision, directive []byte
		if err := rows.Scan(&p.ID, &p.Run, &at, &decision, &directive); err != nil {
			return nil, err
		}
		p.At = fromMillis(at)
		if err := p.Decode(decision, directive); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

// Outcome implements journal.Posts.
func (db *DB) Outcome(ctx context.Context, post int64) (done bool, why *journal.Failure, err error) {
	operation := fmt.Sprintf("read post %d", post)
	if err := db.enter(ctx, operation); err != nil {
		return false, nil, err
	}
	defer db.calls.Done()
	done, why, err = db.outcome(ctx, post)
	return done, why, failure(db.path, operation, err)
}

func (db *DB) outcome(ctx context.Context, post int64) (done bool, why *journal.Failure, err error) {
	var stored []byte
	err = db.readers.QueryRowContext(ctx, "SELECT settled_at IS NOT NULL, refused FROM posts WHERE id = ?", post).Scan(&done, &stored)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil, refusal.NoPost(post)
	}
	if err == nil && stored != nil {
		err = json.Unmarshal(stored, &why)
	}
	return done, why, err
}
