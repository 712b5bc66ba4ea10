package host

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl/internal/limits"
)

// Identity returns what names a branch of a map in keys, by what its item is known by:
// escaped, and as a digest where that takes more than 200 bytes or where it must hide
// what it is of.
func Identity(id string, hide bool) string {
	if s := escapeID(id); len(s) <= maxIDLen && !hide {
		return s
	}
	sum := sha256.Sum256([]byte(id))
	return "=" + hex.EncodeToString(sum[:16]) // nothing that is escaped begins so
}

// maxIDLen is how long an identity may be in a key.
const maxIDLen = limits.ItemIDBytes

// idBytes stand in a key for themselves.
const idBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@+"

// escapeID writes every byte of an identity that means something in a key, or in a
// shell, as % and two hex digits.
func escapeID(id string) string {
	var b strings.Builder
	for i := range len(id) {
		if c := id[i]; strings.IndexByte(idBytes, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
