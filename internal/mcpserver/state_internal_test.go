package mcpserver

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What a person was asked can be answered for an hour.
func TestStateExpires(t *testing.T) {
	s := &Server{o: Options{Secret: []byte("secret")}}
	of := asked{Run: "r", Key: "k", Digest: "d", Who: "otto", Arguments: "{}"}
	at := func(until time.Time) error {
		return s.verify(fmt.Sprintf("%d.%s", until.Unix(), s.mark(until.Unix(), of)), of)
	}
	if err := at(time.Now().Add(-2 * time.Second)); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("an old state: %v", err)
	}
	if err := at(time.Now().Add(time.Minute)); err != nil {
		t.Errorf("a state of now: %v", err)
	}
	if err := s.verify(s.sign(of), of); err != nil {
		t.Errorf("a state that was just signed: %v", err)
	}
}
