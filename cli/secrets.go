package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/pawlrun/pawl/internal/webhook"
)

// secretFileBytes is how large a file with secrets may be.
const secretFileBytes = 64 << 10

// secretsOf reads the secrets of webhooks in a variable, one a line; nil: it is not set. One
// that is set to nothing comes of another one that is not there, and is refused: without it
// nothing would be signed, and nobody would know.
func (a *app) secretsOf(variable string) ([]webhook.Secret, error) {
	text := a.getenv(variable)
	if text == "" {
		if a.isSet != nil && a.isSet(variable) {
			return nil, badInput("%s is set, and empty; give it a secret, or unset it", variable)
		}
		return nil, nil
	}
	all, err := webhook.ParseSecrets(text)
	if err != nil {
		return nil, badInput("%s: %v", variable, err)
	}
	return all, nil
}

// readSecretFile reads the file of secrets that a flag names, line by line, once: it may be a
// pipe. The error names neither the path, which may be the secret itself, nor what is in it.
func readSecretFile(flag, path string, read func(line string) error) error {
	text, err := secretText(path)
	if err == nil {
		err = webhook.ReadLines(text, read)
	}
	if err != nil {
		return badInput("%s: %v", flag, err)
	}
	return nil
}

func secretText(path string) (string, error) {
	f, err := os.Open(path)
	var of *fs.PathError
	if errors.As(err, &of) {
		return "", of.Err
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, secretFileBytes+1))
	if errors.As(err, &of) { // a directory
		return "", of.Err
	}
	if err == nil && len(text) > secretFileBytes {
		err = errors.New("it is larger than 64 KiB")
	}
	return string(text), err
}
