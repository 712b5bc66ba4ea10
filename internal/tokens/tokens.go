// Package tokens keeps who may ask a server, in a file of the data directory: names, what
// each may do, and of each token the SHA-256, so that whoever reads the file has none.
//
// Tokens are 160 random bits, which nobody guesses, so that a fast hash is enough. They are
// in a file of their own and not in the database: a copy of that, which backups and exports
// are, lets nobody in. A file that is changed counts at once, for servers that run too.
//
//	file := tokens.Open(dir)
//	secret, err := file.Add(&tokens.Token{Name: "ci", Role: "operator"})
//	token, ok := file.Find(secret)
package tokens

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/wholefile"
)

// Token is somebody who may ask a server.
type Token struct {
	Name string     `json:"name"` // recorded with what they do; no two are alike
	Role string     `json:"role"`
	Run  pawl.RunID `json:"run,omitempty"` // of a token that is for one blocker
	Step pawl.Key   `json:"step,omitempty"`

	CreatedAt pawl.Time  `json:"created_at"`
	ExpiresAt *pawl.Time `json:"expires_at"` // null: never
	Hash      string     `json:"hash"`       // SHA-256 of the token, in hex
}

// Expired reports whether it counts no more.
func (t Token) Expired(now time.Time) bool {
	return t.ExpiresAt != nil && !now.Before(t.ExpiresAt.Time)
}

// fileName is the file's in the data directory.
const fileName = "tokens.json"

// prefix is what tokens begin with, so that they are known for what they are where they
// should not be.
const prefix = "pawl_"

// File is the file of tokens. It is safe for concurrent use, by several processes too.
type File struct {
	// Unread is told by Find why the file cannot be read: once, until it can be again. It may
	// not call back. Nil: nobody is told. It is to be set before the first Find.
	Unread func(error)

	path string
	now  func() time.Time

	mu     sync.Mutex // guards what follows
	info   fs.FileInfo
	all    []Token
	unread bool
}

// Open returns the file of a data directory. Neither need be there.
func Open(dir string) *File { return &File{path: filepath.Join(dir, fileName), now: time.Now} }

// document is the file's form.
type document struct {
	Version int     `json:"version"`
	Tokens  []Token `json:"tokens"`
}

// List returns all tokens, in the order in which they were added.
func (f *File) List() ([]Token, error) {
	text, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("read the tokens: %v", err), Err: err}
	}
	var doc document
	if err := json.Unmarshal(text, &doc); err != nil || doc.Version != 1 {
		return nil, &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("%s is no file of tokens that this program reads", f.path), Hint: "move it away, and make the tokens anew"}
	}
	return doc.Tokens, nil
}

// Add adds a token, to which it gives the time, and returns its secret, which is kept
// nowhere. A name that is there already is ErrConflict.
func (f *File) Add(t *Token) (secret string, err error) {
	secret = prefix + strings.ToLower(rand.Text()+rand.Text()[:6])
	t.CreatedAt, t.Hash = pawl.At(f.now()), hashOf(secret)
	err = f.change(func(all []Token) ([]Token, error) {
		if slices.ContainsFunc(all, t.isNamed) {
			return nil, &pawl.Error{Kind: pawl.ErrConflict, Message: fmt.Sprintf("there is a token %q already", t.Name), Hint: "remove it first, or take another name"}
		}
		return append(all, *t), nil
	})
	return secret, err
}

// isNamed compares names without regard to case, as they are where somebody may not decide.
func (t Token) isNamed(other Token) bool { return strings.EqualFold(t.Name, other.Name) }

// Remove removes a token: it counts no more from then on. None of that name is ErrNotFound.
func (f *File) Remove(name string) error {
	return f.change(func(all []Token) ([]Token, error) {
		left := slices.DeleteFunc(slices.Clone(all), Token{Name: name}.isNamed)
		if len(left) == len(all) {
			return nil, &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("there is no token %q", name)}
		}
		return left, nil
	})
}

// change changes the file, one process after another.
func (f *File) change(change func([]Token) ([]Token, error)) error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("make the data directory: %v", err), Err: err}
	}
	lock := flock.New(f.path+".lock", flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("lock the tokens: %v", err), Err: err}
	}
	defer lock.Close()
	all, err := f.List()
	if err == nil {
		all, err = change(all)
	}
	if err != nil {
		return err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(document{1, append([]Token{}, all...)}); err != nil {
		return err
	}
	if err := f.write(b.Bytes()); err != nil {
		return &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("write the tokens: %v", err), Err: err}
	}
	return nil
}

// write makes the file hold b, for this user alone.
func (f *File) write(b []byte) error {
	w, err := wholefile.New(f.path)
	if err != nil {
		return err
	}
	defer w.Discard()
	if err := w.Chmod(0o600); err != nil && runtime.GOOS != "windows" {
		return err
	}
	if _, err := w.Write(b); err != nil {
		return err
	}
	return w.Commit()
}

// Find returns whose a secret is; false: nobody's, or one that has expired. A file that
// cannot be read lets nobody in.
func (f *File) Find(secret string) (Token, bool) {
	if !strings.HasPrefix(secret, prefix) {
		return Token{}, false
	}
	hash := hashOf(secret) // its prefix tells nothing of the secret: no comparison need take the same time
	for _, t := range f.current() {
		if t.Hash == hash {
			return t, !t.Expired(f.now())
		}
	}
	return Token{}, false
}

// current are the tokens of the file as it is now.
func (f *File) current() []Token {
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := os.Stat(f.path)
	if err == nil && f.info != nil && os.SameFile(info, f.info) && info.ModTime().Equal(f.info.ModTime()) && info.Size() == f.info.Size() {
		return f.all
	}
	f.info, f.all = nil, nil
	if err == nil {
		f.all, err = f.List()
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	switch {
	case err == nil:
		f.info = info
	case !f.unread && f.Unread != nil: // for lack of file handles, say: it is read again the next time
		f.Unread(err)
	}
	f.unread = err != nil
	return f.all
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
