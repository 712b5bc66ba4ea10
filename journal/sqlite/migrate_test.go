package sqlite

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
)

var update = flag.Bool("update", false, "write schema.sql and empty.db.gz anew, if the migrations make another database")

// schema.sql is what the migrations add up to, for people to read, and empty.db.gz the
// database that they make, which new ones are copies of.
func TestSchema(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	if _, err := createEmpty(path); err != nil {
		t.Fatal(err)
	}
	if err := openIn(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	copied, err := writeImage(dir)
	if err != nil {
		t.Fatal(err)
	}
	made := dumpOf(t, path)
	if *update {
		if err := os.WriteFile("schema.sql", []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
		if dumpOf(t, copied) != made {
			pack(t, path)
			t.Fatal("empty.db.gz is written anew: run the tests again")
		}
	}
	want, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	if made != string(want) {
		t.Errorf("schema.sql is out of date, run go test -update; the database has\n%s", made)
	}
	if got := dumpOf(t, copied); got != made {
		t.Errorf("empty.db.gz is out of date, run go test -update; it has\n%s", got)
	}
}

// dumpOf is the text of all that a new database has, in a file that nobody has open.
func dumpOf(t *testing.T, path string) string {
	t.Helper()
	c, err := sql.Open("sqlite", probeDSN(path))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	rows, err := c.QueryContext(t.Context(), "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var dump strings.Builder
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		dump.WriteString(s + ";\n\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	var application, version int
	var damage string
	for q, to := range map[string]any{"PRAGMA application_id": &application, "PRAGMA user_version": &version, "PRAGMA integrity_check": &damage} {
		if err := c.QueryRowContext(t.Context(), q).Scan(to); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintf(&dump, "PRAGMA application_id = %d;\n\nPRAGMA user_version = %d; -- %s\n", application, version, damage)
	return dump.String()
}

// pack writes empty.db.gz from a database that nobody has open but this process.
func pack(t *testing.T, path string) {
	t.Helper()
	c, err := sql.Open("sqlite", writerDSN(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"DELETE FROM procs", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := c.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	plain, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("empty.db.gz", packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestPragmas(t *testing.T) {
	db := openDB(t)
	for pragma, want := range map[string]string{
		"application_id": "1346459468", "user_version": strconv.Itoa(SchemaVersion()), "journal_mode": "wal", "synchronous": "2", "fullfsync": "1",
		"wal_autocheckpoint": "0", "busy_timeout": strconv.Itoa(int(busyStep.Milliseconds())), "foreign_keys": "1", "secure_delete": "1",
	} {
		var got string
		if err := db.writer.conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("writer: %s is %q, %v; want %q", pragma, got, err, want)
		}
	}
	if _, err := db.readers.ExecContext(t.Context(), "DELETE FROM runs"); err == nil {
		t.Error("a reader can write")
	}
}

func TestCheckLibrary(t *testing.T) {
	for version, ok := range map[string]bool{
		"3.51.3": true, "3.51.2": false, "3.54.1": true, "3.9.9": false, "4.0.0": true, "3.52": true, "3.51": false, "3.51.10": true, "": false,
	} {
		if err := checkLibrary(version); (err == nil) != ok {
			t.Errorf("%q: %v", version, err)
		}
	}
}

// A database of an older version is brought to the newest, with what is in it.
func TestMigrateOlder(t *testing.T) {
	steps := migrations()
	for version := 1; version < len(steps); version++ {
		dir := t.TempDir()
		if _, err := createEmpty(filepath.Join(dir, FileName)); err != nil {
			t.Fatal(err)
		}
		old, err := sql.Open("sqlite", writerDSN(filepath.Join(dir, FileName)))
		if err != nil {
			t.Fatal(err)
		}
		script := strings.Join(steps[:version], ";\n") + fmt.Sprintf(";\nPRAGMA user_version = %d;\n", version) +
			`INSERT INTO runs (id, flow, model, status, reason, epoch, last_seq, last_hash, created_at, updated_at)
			VALUES ('r1', 'article', 'offline', 'queued', '', 1, 1, '', 0, 0),
				('r2', 'article', 'offline', 'failed', '', 1, 10, '', 0, 0), ('r3', 'article', 'offline', 'done', '', 1, 2, '', 0, 0);
			INSERT INTO events (run, seq, version, type, key, at, hash, result, body)
			SELECT n, value ->> 1, 1, value ->> 2, value ->> 3, 0, '', value ->> 4, '{}' FROM json_each('[
				["r1", 1, "created", "", 0],
				["r2", 1, "created", "", 0], ["r2", 2, "failed", "lifted", 0], ["r2", 3, "failed", "final", 1],
				["r2", 4, "blocker", "again", 0], ["r2", 5, "decision", "again", 0], ["r2", 6, "decision", "lifted", 0],
				["r2", 7, "failed", "twice", 0], ["r2", 8, "failed", "again", 0], ["r2", 9, "failed", "twice", 0], ["r2", 10, "failed", "", 0],
				["r3", 1, "created", "", 0], ["r3", 2, "failed", "past", 0]
			]') JOIN runs ON runs.id = value ->> 0;
			INSERT INTO blobs (digest, codec, size, data) VALUES ('b', 'plain', 18, CAST('{"program":"desk"}' AS BLOB));
			UPDATE events SET body = '{"program":"shop","base":{"run":"r3"}}' WHERE run = 1 AND seq = 1;
			UPDATE events SET body = NULL, blob = 'b' WHERE run = 2 AND seq = 1;
			UPDATE events SET body = '{' WHERE run = 3 AND seq = 1`
		_, err = old.Exec(script)
		if err := errors.Join(err, old.Close()); err != nil {
			t.Fatal(err)
		}
		db, err := Open(t.Context(), dir, nil)
		if err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		defer db.Close()
		if rows, err := db.Idle(t.Context(), []string{"article"}, 0); err != nil || len(rows) != 1 || rows[0].ID != "r1" {
			t.Errorf("version %d: idle runs %+v, %v", version, rows, err)
		}
		rows, err := db.Runs(t.Context(), pawl.RunFilter{})
		told := func() bool { // by those that did not write it into the row
			return rows[2].Program == "shop" && rows[2].Base == "r3" && rows[1].Program == "desk" && rows[1].Base == "" && rows[0].Program == ""
		}
		if err != nil || len(rows) != 3 || version < 5 && !told() {
			t.Errorf("version %d: runs %+v, %v", version, rows, err)
		}
		if rows[1].LastSeq != 10 || rows[0].LastSeq != 2 || rows[2].LastSeq != 1 {
			t.Errorf("version %d: last events are those of %+v", version, rows)
		}
		if version >= 3 { // it kept its blockers itself
			continue
		}
		open, err := db.OpenBlockers(t.Context(), pawl.RunFilter{})
		var got []string
		for _, o := range open {
			got = append(got, fmt.Sprintf("%s:%s@%d", o.Event.Run, o.Event.Key, o.Event.Seq))
		}
		if want := "r2:again@8 r2:twice@9 r2:@10"; err != nil || strings.Join(got, " ") != want {
			t.Errorf("version %d: open are %q, %v; want %q", version, got, err, want)
		}
	}
}
