package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// HeaderHub is where GitHub signs: "sha256=" and the HMAC of the body in hex.
const HeaderHub = "X-Hub-Signature-256"

// Tolerance is how far the time in a signed call may be from now, before or after.
const Tolerance = 5 * time.Minute

// What is wrong with a call, for logs. Whoever called is told none of it.
var (
	ErrUnsigned  = errors.New("the call is not signed")
	ErrStale     = errors.New("the time in the call's headers is too far from now")
	ErrSignature = errors.New("the call's signature is of none of the secrets")
)

// Verify finds out whether a call was signed with one of the secrets: by Standard
// Webhooks, not longer ago than Tolerance, or, with a secret that is not theirs alone, as
// GitHub does, which says no time. If it has headers of both, the former count. It takes as long for a wrong signature as for the right
// one. A body that passes may have passed before: who takes it in looks at the call's
// [DeliveryID].
func Verify(secrets []Secret, h http.Header, body []byte, now time.Time) error {
	if h.Get(HeaderSignature) != "" {
		return verifyStandard(secrets, h, body, now)
	}
	if signature := h.Get(HeaderHub); signature != "" {
		return verifyHub(secrets, signature, body)
	}
	return ErrUnsigned
}

func verifyStandard(secrets []Secret, h http.Header, body []byte, now time.Time) error {
	id, stamp := h.Get(HeaderID), h.Get(HeaderTimestamp)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if id == "" || err != nil {
		return ErrUnsigned
	}
	if at := time.Unix(seconds, 0); now.Add(-Tolerance).After(at) || now.Add(Tolerance).Before(at) {
		return ErrStale
	}
	var signatures [][]byte
	for one := range strings.FieldsSeq(h.Get(HeaderSignature)) {
		version, text, _ := strings.Cut(one, ",")
		if raw, err := base64.StdEncoding.DecodeString(text); err == nil && version == "v1" {
			signatures = append(signatures, raw)
		}
	}
	return findSigned(secrets, signatures, id, ".", stamp, ".", string(body))
}

func verifyHub(secrets []Secret, signature string, body []byte) error {
	text, ok := strings.CutPrefix(signature, "sha256=")
	raw, err := hex.DecodeString(text)
	if !ok || err != nil {
		return ErrUnsigned
	}
	plain := slices.DeleteFunc(slices.Clone(secrets), func(s Secret) bool { return s.standard })
	return findSigned(plain, [][]byte{raw}, string(body))
}

// findSigned reports whether one of the signatures is that of one of the secrets.
func findSigned(secrets []Secret, signatures [][]byte, texts ...string) error {
	found := false
	for _, s := range secrets {
		want := s.over(texts...)
		for _, got := range signatures {
			found = hmac.Equal(got, want) || found
		}
	}
	if !found {
		return ErrSignature
	}
	return nil
}

// DeliveryID is what a call is known by, however often it comes. Of a call that is signed
// it is something that the signature is over, or a call that was overheard could come again
// as another one: by Standard Webhooks its Webhook-Id, as GitHub does the digest of its body.
// Of one that is not signed it is its Webhook-Id, else its X-GitHub-Delivery or
// Idempotency-Key, else the digest of its body. Whether the signature is right is for
// [Verify] to say.
func DeliveryID(h http.Header, body []byte) string {
	names := []string{HeaderID, "X-Github-Delivery", "Idempotency-Key"}
	switch {
	case h.Get(HeaderSignature) != "":
		names = names[:1]
	case h.Get(HeaderHub) != "":
		names = nil
	}
	for _, name := range names {
		if id := strings.TrimSpace(h.Get(name)); id != "" {
			return id
		}
	}
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:])
}
