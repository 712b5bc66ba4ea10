package journal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
)

// Callback is where a program delivers the event that a step of a run awaits.
type Callback struct {
	Run pawl.RunID
	Key pawl.Key
}

// Address returns the callback's address, signed with the run's secret: run, key and
// signature, each of letters, digits, "-" and "_", with dots between them.
func (c Callback) Address(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "pawl-callback-1\n%s\n%s", c.Run, c.Key)
	text := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf("%s.%s.%s", c.Run, text([]byte(c.Key)), text(mac.Sum(nil)[:16]))
}

// Read sets the run and the key of which an address claims to be, and reports whether it
// has the form of one.
func (c *Callback) Read(address string) bool {
	if len(address) > limits.AddressBytes {
		return false
	}
	run, rest, _ := strings.Cut(address, ".")
	key, _, _ := strings.Cut(rest, ".")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(key)
	c.Run, c.Key = pawl.RunID(run), pawl.Key(raw)
	return err == nil && len(raw) > 0 && c.Run.Valid()
}

// CallbackSecret returns what signs the run's callbacks; empty: it can have none.
func (c Created) CallbackSecret(ctx context.Context, blobs Blobs) (string, error) {
	if c.SecretDigest == "" {
		return c.Secret, nil
	}
	secret, err := blobs.Blob(ctx, c.SecretDigest)
	if errors.Is(err, pawl.ErrNotFound) { // the run was imported
		return "", nil
	}
	return string(secret), err
}

// Is reports whether an address is the callback's. It takes as long for a wrong
// signature as for the right one. Without a secret none is.
func (c Callback) Is(address, secret string) bool {
	return secret != "" && hmac.Equal([]byte(address), []byte(c.Address(secret)))
}
