package tokens

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/pawlrun/pawl"
)

// sessionName is the file of what browsers on this machine are let in by.
const sessionName = "session"

// Session returns the secret by which a browser that was let in once comes again, also to a
// server that began since: it is made the first time, and kept in the data directory for its
// owner alone. Whoever removes the file sends all of them away. Where the file system knows no
// hard links, nothing is kept, and a server that is restarted sends them away.
func Session(dir string) (string, error) {
	path := filepath.Join(dir, sessionName)
	for {
		b, err := os.ReadFile(path)
		if secret := strings.TrimSpace(string(b)); err == nil && len(secret) >= 26 {
			return secret, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", sessionError(err)
		}
		if err == nil {
			return "", &pawl.Error{Kind: pawl.ErrStorage, Message: path + " does not hold a session's secret", Hint: "remove it: a new one is made"}
		}
		secret := rand.Text()
		switch err := writeNew(path, secret+"\n"); {
		case err == nil, errors.Is(err, fs.ErrExist):
		case errors.As(err, new(*os.LinkError)):
			return secret, nil
		default:
			return "", sessionError(err)
		}
	}
}

// writeNew writes a file that is not there yet, for its owner alone; of several who do at once
// one wins.
func writeNew(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.new") // for its owner alone
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}

func sessionError(err error) error {
	return &pawl.Error{Kind: pawl.ErrStorage, Message: "the secret of browsers' sessions cannot be kept: " + err.Error(), Err: err}
}
