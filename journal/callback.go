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

// Callback is where a program delivers the event that a step of a run awaits, or answers a
// question as it was shown.
type Callback struct {
	Run  pawl.RunID
	Key  pawl.Key
	Seen string // of an answer: the first digits of the digest of what was shown; empty: an event
}

// Address returns the callback's address, signed with the run's secret: run, key, what was
// seen, if anything, and signature, each of letters, digits, "-" and "_", with dots between
// them.
func (c Callback) Address(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	text := base64.RawURLEncoding.EncodeToString
	if c.Seen != "" {
		fmt.Fprintf(mac, "pawl-callback-2\n%s\n%s\n%s", c.Run, c.Key, c.Seen)
		return fmt.Sprintf("%s.%s.%s.%s", c.Run, text([]byte(c.Key)), c.Seen, text(mac.Sum(nil)[:16]))
	}
	fmt.Fprintf(mac, "pawl-callback-1\n%s\n%s", c.Run, c.Key)
	return fmt.Sprintf("%s.%s.%s", c.Run, text([]byte(c.Key)), text(mac.Sum(nil)[:16]))
}

// Read sets the run, the key and what was seen of which an address claims to be, and
// reports whether it has the form of one.
func (c *Callback) Read(address string) bool {
	if len(address) > limits.AddressBytes {
		return false
	}
	parts := strings.SplitN(address, ".", 5)
	if len(parts) != 3 && len(parts) != 4 {
		return false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(parts[1])
	*c = Callback{Run: pawl.RunID(parts[0]), Key: pawl.Key(raw)}
	if len(parts) == 4 {
		if c.Seen = parts[2]; c.Seen == "" {
			return false
		}
	}
	return err == nil && len(raw) > 0 && c.Run.Valid()
}

// Find reads an address that is a callback's of a run in a journal, and returns how that
// run began. Of one that is none the error is ErrNotFound: it does not say what is wrong
// with it, nor whether there is such a run.
func (c *Callback) Find(ctx context.Context, j Reader, address string) (created Created, err error) {
	none := &pawl.Error{Kind: pawl.ErrNotFound, Message: "no step has this callback address"}
	if !c.Read(address) {
		return created, none
	}
	events, err := j.Read(ctx, c.Run, 0, 1)
	switch {
	case errors.Is(err, pawl.ErrNotFound):
		return created, none
	case err != nil:
		return created, pawl.AsError(err, pawl.ErrStorage)
	case len(events) == 0:
		return created, none
	}
	if created, err = Decode[Created](events[0]); err != nil {
		return created, pawl.AsError(err, pawl.ErrDatabase)
	}
	secret, err := created.CallbackSecret(ctx, j)
	if err != nil {
		return created, pawl.AsError(err, pawl.ErrStorage)
	}
	if !c.Is(address, secret) {
		return created, none
	}
	return created, nil
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
