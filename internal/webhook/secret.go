package webhook

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"
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
// another while both are in use, see [ReadLines].
func ParseSecrets(text string) (all []Secret, err error) {
	err = ReadLines(text, func(line string) error {
		s, err := ParseSecret(line)
		all = append(all, s)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// ReadLines has each line of a text read that says a secret, without the space around it.
// Empty lines, and those that begin with "#", are left out, and so is the mark by which some
// editors begin a text. There must be one line at least. An error says the line's number, and
// quotes nothing.
func ReadLines(text string, read func(line string) error) error {
	if !utf8.ValidString(text) {
		return errors.New("it is not UTF-8 text")
	}
	n, some := 0, false
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		some = true
		if err := read(line); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if !some {
		return errors.New("there is no secret in it")
	}
	return nil
}
