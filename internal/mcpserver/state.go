package mcpserver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
)

// asked is what a question to a client's person was about. It comes back through the client, so
// it is signed, and holds for the same call of the same actor alone.
type asked struct {
	Run       pawl.RunID `json:"run"`
	Key       pawl.Key   `json:"key"`
	Digest    string     `json:"digest"` // of the blocker as it was shown
	Who       string     `json:"who"`
	Arguments string     `json:"arguments"` // of the call
}

// answerable is how long a person may take to answer.
const answerable = time.Hour

// sign returns what the client is to bring back: when it expires, and a mark over that and what
// was asked.
func (s *Server) sign(of asked) string {
	until := time.Now().Add(answerable).Unix()
	return fmt.Sprintf("%d.%s", until, s.mark(until, of))
}

// verify refuses what is no state of this question.
func (s *Server) verify(state string, of asked) error {
	var until int64
	head, mark, ok := strings.Cut(state, ".")
	if _, err := fmt.Sscanf(head, "%d", &until); !ok || err != nil || !hmac.Equal([]byte(mark), []byte(s.mark(until, of))) {
		return &pawl.Error{Kind: pawl.ErrConflict, Run: of.Run, Step: of.Key, Message: "requestState is not of this question: something else is asked by now, or it was changed", Hint: "call without it: the person is asked what is open now"}
	}
	if time.Now().Unix() > until {
		return &pawl.Error{Kind: pawl.ErrConflict, Run: of.Run, Step: of.Key, Message: "requestState has expired", Hint: "call without it: the person is asked once more"}
	}
	return nil
}

func (s *Server) mark(until int64, of asked) string {
	text, err := json.Marshal(of)
	if err != nil {
		panic(err) // it holds texts alone
	}
	h := hmac.New(sha256.New, s.o.Secret)
	fmt.Fprintf(h, "pawl-mcp-asked-1\n%d\n%s", until, text)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
