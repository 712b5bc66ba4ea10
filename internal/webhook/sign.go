package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Headers of Standard Webhooks.
const (
	HeaderID        = "Webhook-Id"
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

// Sign returns the three headers of a call by Standard Webhooks: signed with each of the
// secrets, at least one, so that whoever is called may know the old one or the new one.
// The id is that of what is told, the same for each attempt, without a ".", and at is when
// this attempt is made.
func Sign(secrets []Secret, id string, at time.Time, body []byte) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	signatures := make([]string, len(secrets))
	for i, s := range secrets {
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(s.over(id, ".", stamp, ".", string(body)))
	}
	return http.Header{HeaderID: {id}, HeaderTimestamp: {stamp}, HeaderSignature: {strings.Join(signatures, " ")}}
}

// over is the secret's HMAC-SHA256 over texts, one behind another.
func (s Secret) over(texts ...string) []byte {
	mac := hmac.New(sha256.New, s.key)
	for _, t := range texts {
		mac.Write([]byte(t)) // never fails
	}
	return mac.Sum(nil)
}
