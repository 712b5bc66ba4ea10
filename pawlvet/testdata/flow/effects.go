// Package flow is code that pawlvet is tested on.
package flow

import (
	"context"
	crand "crypto/rand"
	"database/sql"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/pawlrun/pawl"
)

// Input is of every flow here.
type Input struct {
	Name string
	Path string
	Tags []string
}

func clock(r *pawl.Run, in Input) (string, error) {
	now := time.Now()               // want `time.Now in flow code is another time on a replay; use r.Now\(\)`
	if time.Since(r.Now()) > 3*60 { // want `time.Since in flow code`
		return "", nil
	}
	_ = time.Until(now)                    // want `time.Until in flow code`
	time.Sleep(time.Second)                // want `time.Sleep in flow code .*; use pawl.Sleep`
	timer := time.NewTimer(time.Second)    // want `time.NewTimer in flow code`
	timer.Stop()                           // what made it is enough to say
	time.AfterFunc(time.Second, func() {}) // want `time.AfterFunc in flow code`
	later := time.Now                      // want `time.Now in flow code`
	return later().Add(time.Hour).Format(time.RFC3339), nil
}

func random(r *pawl.Run, in Input) (int, error) {
	rand.Shuffle(len(in.Tags), func(i, j int) {}) // want `math/rand/v2.Shuffle in flow code .*; use r.Rand\(name\)`
	var b [8]byte
	crand.Read(b[:])        // want `crypto/rand.Read in flow code`
	source := crand.Reader  // want `crypto/rand.Reader in flow code`
	_, _ = source.Read(nil) // an io.Reader tells nothing
	seeded := rand.New(rand.NewPCG(1, 2))
	return seeded.IntN(6) + r.Rand("die").IntN(6), nil
}

// Service is what a program gives its flows.
type Service struct {
	Client *http.Client
	DB     *sql.DB
}

func (s *Service) files(r *pawl.Run, in Input) (string, error) {
	text, err := os.ReadFile(in.Path) // want `os.ReadFile in flow code .*; use pawl.Do`
	if os.IsNotExist(err) {
		return os.Getenv("HOME"), nil // want `os.Getenv in flow code`
	}
	_, _ = net.Dial("tcp", net.JoinHostPort("localhost", "80")) // want `net.Dial in flow code`
	resp, err := s.Client.Get("https://example.org")            // want `net/http.Client.Get in flow code`
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("X") == "" {
		return http.StatusText(500), err
	}
	rows, err := s.DB.Query("SELECT 1") // want `database/sql.DB.Query in flow code`
	if err == sql.ErrNoRows {
		return "", nil
	}
	_ = rows
	return string(text), nil
}

// The code of a Do is where effects are at home, wherever it is written.
func effects(r *pawl.Run, in Input) (string, error) {
	named := func(ctx context.Context, path string) (string, error) {
		text, err := os.ReadFile(path)
		return string(text) + time.Now().String(), err
	}
	pawl.Do(r, "named", in.Path, named)
	return pawl.Do(r, "read", in.Path, func(ctx context.Context, path string) (string, error) {
		done := make(chan string)
		go func() { done <- crand.Text() }()
		time.Sleep(time.Millisecond)
		return <-done, nil
	}), nil
}

// Functions without a Run are not looked at.
func elsewhere() time.Time {
	defer time.Sleep(1)
	return time.Now()
}

var inline = pawl.New("inline", "Be a literal.", func(r *pawl.Run, in Input) (string, error) {
	return elsewhere().String() + time.Now().String(), nil // want `time.Now in flow code`
})
