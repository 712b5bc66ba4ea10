package mcpserver

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"github.com/pawlrun/pawl"
)

// A state is for the call that it was made for, for an hour, and as long as the same is asked.
// What was changed or is of another call breaks the protocol; what is old the model is told.
func TestStates(t *testing.T) {
	s := &Server{o: Options{Secret: []byte("secret")}}
	other := &Server{o: Options{Secret: []byte("other")}}
	of := asked{Run: "r", Key: "k", Digest: "d", Who: "otto", Arguments: "a", Until: time.Now().Add(time.Minute).Unix()}
	now := of
	now.Until += 5 // of the call that brings it back
	but := func(change func(*asked)) string {
		changed := of
		change(&changed)
		return s.sign(changed)
	}
	if err := s.verify(s.sign(of), now); err != nil {
		t.Errorf("the state is refused: %v", err)
	}
	for name, state := range map[string]string{
		"empty": "", "no mark": strings.Split(s.sign(of), ".")[0], "longer": s.sign(of) + "A", "of another server": other.sign(of), "forged": "e30.AAAA",
		"another run":       but(func(a *asked) { a.Run = "x" }),
		"another step":      but(func(a *asked) { a.Key = "x" }),
		"another actor":     but(func(a *asked) { a.Who = "x" }),
		"another arguments": but(func(a *asked) { a.Arguments = "x" }),
	} {
		if wrong := (*jsonrpc.Error)(nil); !errors.As(s.verify(state, now), &wrong) || wrong.Code != jsonrpc.CodeInvalidParams {
			t.Errorf("%s: %v", name, s.verify(state, now))
		}
	}
	for want, state := range map[string]string{
		"expired": but(func(a *asked) { a.Until = time.Now().Unix() - 2 }),
		"by now":  but(func(a *asked) { a.Digest = "x" }),
	} {
		if err := s.verify(state, now); !errors.Is(err, pawl.ErrConflict) || !strings.Contains(err.Error(), want) {
			t.Errorf("wants %q: %v", want, err)
		}
	}
}
