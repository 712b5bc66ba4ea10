package tokens_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/tokens"
)

// A token is found by its secret, in another process too, until it is removed or expires;
// the file has no secret, and is the user's alone.
func TestTokens(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	file, server := tokens.Open(dir), tokens.Open(dir)
	if _, ok := server.Find("pawl_x"); ok {
		t.Error("a token is found where there is none")
	}
	secret, err := file.Add(&tokens.Token{Name: "ci", Role: "operator"})
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := server.Find(secret); !ok || got.Name != "ci" || got.Role != "operator" {
		t.Errorf("found %+v, %v", got, ok)
	}
	past := pawl.At(time.Now().Add(-time.Second))
	old, err := file.Add(&tokens.Token{Name: "old", Role: "viewer", ExpiresAt: &past})
	if err != nil {
		t.Fatal(err)
	}
	for _, no := range []string{old, "", "pawl_", secret + "x", strings.ToUpper(secret), strings.TrimPrefix(secret, "pawl_")} {
		if got, ok := server.Find(no); ok {
			t.Errorf("%q is taken for %+v", no, got)
		}
	}
	if _, err := file.Add(&tokens.Token{Name: "CI"}); !errors.Is(err, pawl.ErrConflict) {
		t.Errorf("a second one of the name: %v", err)
	}
	path := filepath.Join(dir, "tokens.json")
	text, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(text), secret) {
		t.Errorf("%v: the file has the secret: %s", err, text)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
	if err := file.Remove("ci"); err != nil {
		t.Fatal(err)
	}
	if _, ok := server.Find(secret); ok {
		t.Error("a token that was removed is found")
	}
	if err := file.Remove("ci"); !errors.Is(err, pawl.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := file.List(); !errors.Is(err, pawl.ErrInput) {
		t.Errorf("a damaged file: %v", err)
	}
	if _, err := file.Add(&tokens.Token{Name: "x"}); !errors.Is(err, pawl.ErrInput) {
		t.Errorf("a damaged file is written over: %v", err)
	}
}

// Tokens that are added at once are all there.
func TestAddAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wait sync.WaitGroup
	for n := range 8 {
		wait.Go(func() {
			if _, err := tokens.Open(dir).Add(&tokens.Token{Name: fmt.Sprint("token ", n)}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if all, err := tokens.Open(dir).List(); err != nil || len(all) != 8 {
		t.Errorf("%d tokens, %v", len(all), err)
	}
}

// A file that could not be read once is read again, though nothing about it has changed; why
// is told once each time.
func TestTokensAreReadAgain(t *testing.T) {
	dir := t.TempDir()
	file := tokens.Open(dir)
	var told []error
	file.Unread = func(err error) { told = append(told, err) }
	secret, err := file.Add(&tokens.Token{Name: "ci", Role: "operator"})
	if err != nil {
		t.Fatal(err)
	}
	path, at := filepath.Join(dir, "tokens.json"), time.Now()
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.Repeat("x", len(good))
	for i, text := range []string{bad, bad, string(good), string(good), bad} {
		if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chtimes(path, at, at.Add(time.Duration(i/4)*time.Hour))); err != nil {
			t.Fatal(err)
		}
		if _, ok := file.Find(secret); ok != (text == string(good)) {
			t.Errorf("found: %v, in %.40q", ok, text)
		}
		if wants := []int{1, 1, 1, 1, 2}[i]; len(told) != wants || !errors.Is(told[0], pawl.ErrInput) {
			t.Errorf("told of it %d times, want %d: %v", len(told), wants, told)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, ok := file.Find(secret); ok || len(told) != 2 {
		t.Errorf("without a file: found %v, told of %v", ok, told)
	}
}
