package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/pawlrun/pawl/journal/internal/refusal"
	"github.com/pawlrun/pawl/schedule"
	"github.com/pawlrun/pawl/schema"
)

// Schedules implements schedule.Keeper.
func (db *DB) Schedules(ctx context.Context) ([]schedule.Schedule, error) {
	return reading(ctx, db, "list schedules", db.schedules)
}

func (db *DB) schedules(ctx context.Context) ([]schedule.Schedule, error) {
	list := []schedule.Schedule{}
	err := db.readers.each(ctx, func(row *sql.Rows) error {
		var name string
		var revision int64
		var body []byte
		if err := row.Scan(&name, &revision, &body); err != nil {
			return err
		}
		var s schedule.Schedule
		if err := json.Unmarshal(body, &s); err != nil {
			return err
		}
		s.Name, s.Revision = name, revision
		list = append(list, s)
		return nil
	}, "SELECT name, revision, body FROM schedules ORDER BY name")
	return list, err
}

// AddSchedule implements schedule.Keeper.
func (db *DB) AddSchedule(ctx context.Context, s schedule.Schedule) error {
	return db.changeSchedule(ctx, "add schedule", s, func(t *tx, body string) error {
		changed, err := t.changed("INSERT INTO schedules (name, revision, body) VALUES (?, 1, ?) ON CONFLICT (name) DO NOTHING", s.Name, body)
		if err == nil && changed == 0 {
			return refusal.ScheduleExists(s.Name)
		}
		return err
	})
}

// UpdateSchedule implements schedule.Keeper.
func (db *DB) UpdateSchedule(ctx context.Context, s schedule.Schedule) (revision int64, err error) {
	err = db.changeSchedule(ctx, "change schedule", s, func(t *tx, body string) error {
		changed, err := t.changed("UPDATE schedules SET revision = revision + 1, body = ? WHERE name = ? AND revision = ?", body, s.Name, s.Revision)
		if err != nil || changed == 1 {
			return err
		}
		switch err := t.anyRow("SELECT 1 FROM schedules WHERE name = ?", s.Name); {
		case errors.Is(err, sql.ErrNoRows):
			return refusal.NoSchedule(s.Name)
		case err != nil:
			return err
		}
		return refusal.ScheduleChanged(s.Name)
	})
	return s.Revision + 1, err
}

func (db *DB) changeSchedule(ctx context.Context, operation string, s schedule.Schedule, apply func(t *tx, body string) error) error {
	body, err := schema.Marshal(s)
	if err != nil {
		return failure(db.path, operation, err)
	}
	return db.write(ctx, &op{name: operation, bytes: 1<<10 + len(body), apply: func(t *tx) error { return apply(t, string(body)) }})
}

// RemoveSchedule implements schedule.Keeper. What was in it is overwritten.
func (db *DB) RemoveSchedule(ctx context.Context, name string) error {
	return db.write(ctx, &op{name: "remove schedule", bytes: 1 << 10, apply: func(t *tx) error {
		if _, err := t.changed(blank("schedules", "body")+"name = ?", name); err != nil {
			return err
		}
		changed, err := t.changed("DELETE FROM schedules WHERE name = ?", name)
		if err == nil && changed == 0 {
			return refusal.NoSchedule(name)
		}
		return err
	}})
}
