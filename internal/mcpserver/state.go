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
	Who       string     `json:"who"`
	Arguments string     `json:"arguments"` // the digest of the call's
	Digest    string     `json:"digest"`    // of the blocker as it was shown
	Until     int64      `json:"until"`     // when it expires, in seconds of Unix
}

// answerable is how long a person may take to answer.
const answerable = time.Hour

// argumentsOf is the digest of a call's arguments.
func argumentsOf(canonical []byte) string { return fmt.Sprintf("%x", sha256.Sum256(canonical)) }

// sign returns what the client is to bring back: what was asked, and a mark over that.
func (s *Server) sign(of asked) string {
	text, err := json.Marshal(of)
	if err != nil {
		panic(err) // it holds texts and a number
	}
	return base64.RawURLEncoding.EncodeToString(text) + "." + s.mark(text)
}

func (s *Server) mark(text []byte) string {
	h := hmac.New(sha256.New, s.o.Secret)
	h.Write([]byte("pawl-mcp-asked-2\n"))
	h.Write(text)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// verify refuses what is no state of this question. What was not signed here, or for another
// call or actor, is an error of the protocol; what has become old is one of the tool, which the
// client's model reads.
func (s *Server) verify(state string, of asked) error {
	head, mark, _ := strings.Cut(state, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	var was asked
	if err != nil || !hmac.Equal([]byte(mark), []byte(s.mark(text))) || json.Unmarshal(text, &was) != nil {
		return invalid("requestState is none of this server's, or it was changed")
	}
	until, digest := was.Until, was.Digest
	if was.Until, was.Digest = of.Until, of.Digest; was != of {
		return invalid("requestState is of another call")
	}
	problem := ""
	switch {
	case time.Now().Unix() > until:
		problem = "requestState has expired"
	case digest != of.Digest:
		problem = "requestState is not of this question: something else is asked by now"
	default:
		return nil
	}
	return &pawl.Error{Kind: pawl.ErrConflict, Run: of.Run, Step: of.Key, Message: problem, Hint: "call without it: the person is asked what is open now"}
}
