package webhook

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// leastKey and mostKey are how many bytes a key may have. The specification wants 24 to 64
// of its own; what others agreed on is taken while it can hardly be guessed.
const (
	leastKey = 16
	mostKey  = 512
)

// Secret is a key that two programs share. It is shown nowhere: it prints, logs and
// encodes as "[secret]". The zero value is none.
type Secret struct {
	key      []byte
	standard bool // it was handed over as one of Standard Webhooks, and is used for nothing else
}

// shown is what there is to see of a secret.
const shown = "[secret]"

// String implements fmt.Stringer.
func (Secret) String() string { return shown }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return shown }

// MarshalText implements encoding.TextMarshaler.
func (Secret) MarshalText() ([]byte, error) { return []byte(shown), nil }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(shown) }

// ParseSecret reads a secret as it is handed over: "whsec_" and the key in base64 (padded
// or not), which is for Standard Webhooks alone, or any other text, whose bytes are the key.
// Space around it is no part of it. An error does not quote it.
func ParseSecret(text string) (Secret, error) {
	text = strings.TrimSpace(text)
	key := []byte(text)
	encoded, ok := strings.CutPrefix(text, "whsec_")
	switch {
	case strings.HasPrefix(text, "whsk_"), strings.HasPrefix(text, "whpk_"):
		return Secret{}, errors.New("the secret is a key of a pair (whsk_, whpk_); only shared secrets (whsec_) are taken")
	case ok:
		var err error
		if key, err = base64.RawStdEncoding.Strict().DecodeString(strings.TrimRight(encoded, "=")); err != nil {
			return Secret{}, errors.New("what follows whsec_ is not base64")
		}
	}
	if len(key) < leastKey || len(key) > mostKey {
		return Secret{}, fmt.Errorf("the secret's key has %d bytes, %d to %d are taken", len(key), leastKey, mostKey)
	}
	return Secret{key: key, standard: ok}, nil
}

// ParseSecrets reads several secrets, one a line, so that one can take the place of
// another while both are in use. Empty lines, and those that begin with "#", are left out.
// There must be one at least.
func ParseSecrets(text string) (all []Secret, err error) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		s, err := ParseSecret(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil, errors.New("there is no secret in it")
	}
	return all, nil
}
