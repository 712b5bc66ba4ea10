package sqlite

import "context"

// Ready returns why nothing can be written; nil: something was just written, and is durable.
// It changes nothing that is shown.
func (db *DB) Ready(ctx context.Context) error {
	return db.write(ctx, &op{name: "write", bytes: 1 << 6, apply: func(t *tx) error {
		if err := db.addProc(t); err != nil {
			return err
		}
		for range 2 { // there and back: SQLite writes no row that stays as it is
			if _, err := t.exec(t.touchProc, db.procs.self); err != nil {
				return err
			}
		}
		return nil
	}})
}
