package sqlite

// Free returns how many bytes the file system has left for the database; ErrUnsupported of
// package errors where that cannot be told.
func (db *DB) Free() (int64, error) { return bytesLeft(db.path) }
