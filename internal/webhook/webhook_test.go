package webhook_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/pawlrun/pawl/internal/webhook"
)

// The example of the specification's libraries.
const (
	exampleSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	exampleID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	exampleBody      = `{"test": 2432232314}`
	exampleSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

var exampleTime = time.Unix(1614265330, 0)

func secretOf(t *testing.T, text string) webhook.Secret {
	t.Helper()
	s, err := webhook.ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func secretsOf(t *testing.T, texts ...string) (all []webhook.Secret) {
	t.Helper()
	for _, text := range texts {
		all = append(all, secretOf(t, text))
	}
	return all
}

func TestSign(t *testing.T) {
	got := webhook.Sign(secretsOf(t, exampleSecret), exampleID, exampleTime, []byte(exampleBody))
	want := http.Header{"Webhook-Id": {exampleID}, "Webhook-Timestamp": {"1614265330"}, "Webhook-Signature": {exampleSignature}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("signed:\n%v\nwant:\n%v", got, want)
	}
}

// TestReference has the reference library check what is signed here, and the other way
// round.
func TestReference(t *testing.T) {
	other := "whsec_" + base64.StdEncoding.EncodeToString([]byte("another key, of 32 bytes in all."))
	plain := "a key that is no base64 at all"
	libraryOf := map[string]func() (*standard.Webhook, error){
		exampleSecret: func() (*standard.Webhook, error) { return standard.NewWebhook(exampleSecret) },
		other:         func() (*standard.Webhook, error) { return standard.NewWebhook(other) },
		plain:         func() (*standard.Webhook, error) { return standard.NewWebhookRaw([]byte(plain)) },
	}
	now := time.Now()
	for _, body := range []string{exampleBody, "", "{}", "not JSON", "{\"a\":\"\u00fc\"}", "\xff\x00\n"} {
		for secret, library := range libraryOf {
			theirs, err := library()
			if err != nil {
				t.Fatal(err)
			}
			if err := theirs.Verify([]byte(body), webhook.Sign(secretsOf(t, secret), exampleID, now, []byte(body))); err != nil {
				t.Errorf("the library on what was signed here of %q: %v", body, err)
			}
			if err := theirs.Verify([]byte(body), webhook.Sign(secretsOf(t, "some older key of ours", secret), exampleID, now, []byte(body))); err != nil {
				t.Errorf("the library on what was signed here with two secrets: %v", err)
			}
			signature, err := theirs.Sign(exampleID, now, []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			h := http.Header{}
			h.Set(standard.HeaderWebhookID, exampleID)
			h.Set(standard.HeaderWebhookTimestamp, fmt.Sprint(now.Unix()))
			h.Set(standard.HeaderWebhookSignature, signature)
			if err := webhook.Verify(secretsOf(t, secret), h, []byte(body), now); err != nil {
				t.Errorf("what the library signed of %q: %v", body, err)
			}
		}
	}
}

func TestVerify(t *testing.T) {
	const unlike = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	pair := "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
	for name, c := range map[string]struct {
		secrets []string
		change  func(http.Header)
		body    string
		now     time.Time
		want    error
	}{
		"as it was signed":        {},
		"one of two secrets":      {secrets: []string{"the one that is to come", exampleSecret}},
		"one of three signatures": {change: setter("Webhook-Signature", unlike+" "+pair+" "+exampleSignature)},
		"two spaces":              {change: setter("Webhook-Signature", unlike+"  "+exampleSignature)},
		"five minutes ago":        {now: exampleTime.Add(webhook.Tolerance)},
		"five minutes ahead":      {now: exampleTime.Add(-webhook.Tolerance)},
		"another secret":          {secrets: []string{"the one that is to come"}, want: webhook.ErrSignature},
		"no secret":               {secrets: []string{}, want: webhook.ErrSignature},
		"another body":            {body: exampleBody + " ", want: webhook.ErrSignature},
		"another id":              {change: setter("Webhook-Id", "msg_1"), want: webhook.ErrSignature},
		"another time":            {change: setter("Webhook-Timestamp", "1614265331"), want: webhook.ErrSignature},
		"another version":         {change: setter("Webhook-Signature", strings.Replace(exampleSignature, "v1", "v2", 1)), want: webhook.ErrSignature},
		"a pair's signature":      {change: setter("Webhook-Signature", pair), want: webhook.ErrSignature},
		"its beginning":           {change: setter("Webhook-Signature", "v1,g0hM"), want: webhook.ErrSignature},
		"an empty one":            {change: setter("Webhook-Signature", "v1,"), want: webhook.ErrSignature},
		"over five minutes ago":   {now: exampleTime.Add(webhook.Tolerance + time.Second), want: webhook.ErrStale},
		"over five minutes ahead": {now: exampleTime.Add(-webhook.Tolerance - time.Second), want: webhook.ErrStale},
		"the end of time":         {change: setter("Webhook-Timestamp", "9223372036854775807"), want: webhook.ErrStale},
		"its beginning of time":   {change: setter("Webhook-Timestamp", "-9223372036854775808"), want: webhook.ErrStale},
		"no number":               {change: setter("Webhook-Timestamp", "1614265330.5"), want: webhook.ErrUnsigned},
		"no time":                 {change: setter("Webhook-Timestamp"), want: webhook.ErrUnsigned},
		"no id":                   {change: setter("Webhook-Id"), want: webhook.ErrUnsigned},
		"no signature":            {change: setter("Webhook-Signature"), want: webhook.ErrUnsigned},
	} {
		t.Run(name, func(t *testing.T) {
			h := webhook.Sign(secretsOf(t, exampleSecret), exampleID, exampleTime, []byte(exampleBody))
			if c.change != nil {
				c.change(h)
			}
			if c.secrets == nil {
				c.secrets = []string{exampleSecret}
			}
			if c.body == "" {
				c.body = exampleBody
			}
			if c.now.IsZero() {
				c.now = exampleTime
			}
			if err := webhook.Verify(secretsOf(t, c.secrets...), h, []byte(c.body), c.now); !errors.Is(err, c.want) {
				t.Errorf("verified: %v, want %v", err, c.want)
			}
		})
	}
}

// setter sets a header, or removes it.
func setter(name string, values ...string) func(http.Header) {
	return func(h http.Header) { h[name] = values }
}

// TestVerifyHub is on the values with which GitHub's documentation has one test.
func TestVerifyHub(t *testing.T) {
	const body, signature = "Hello, World!", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
	secrets := secretsOf(t, "the one that is to come", "It's a Secret to Everybody")
	for _, c := range []struct {
		body, signature string
		want            error
	}{
		{body, signature, nil},
		{body, strings.Replace(signature, "757107", "757108", 1), webhook.ErrSignature},
		{body + "!", signature, webhook.ErrSignature},
		{body, "sha256=", webhook.ErrSignature},
		{body, strings.TrimPrefix(signature, "sha256="), webhook.ErrUnsigned},
		{body, strings.Replace(signature, "sha256", "sha1", 1), webhook.ErrUnsigned},
		{body, "sha256=no hex", webhook.ErrUnsigned},
		{body, "", webhook.ErrUnsigned},
	} {
		h := http.Header{"X-Hub-Signature-256": {c.signature}}
		if err := webhook.Verify(secrets, h, []byte(c.body), exampleTime); !errors.Is(err, c.want) {
			t.Errorf("%q with %q: %v, want %v", c.body, c.signature, err, c.want)
		}
	}
}

// TestVerifyOnce has what is stale not come back as GitHub's, which says no time.
func TestVerifyOnce(t *testing.T) {
	secrets := secretsOf(t, exampleSecret)
	h := webhook.Sign(secrets, exampleID, exampleTime, []byte(exampleBody))
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(exampleSignature, "v1,"))
	if err != nil {
		t.Fatal(err)
	}
	h.Set("X-Hub-Signature-256", fmt.Sprintf("sha256=%x", raw))
	signed := fmt.Sprintf("%s.%d.%s", exampleID, exampleTime.Unix(), exampleBody)
	if err := webhook.Verify(secrets, h, []byte(signed), exampleTime.Add(time.Hour)); !errors.Is(err, webhook.ErrStale) {
		t.Errorf("with both signatures: %v", err)
	}
	for name := range h {
		if strings.HasPrefix(name, "Webhook-") {
			h.Del(name)
		}
	}
	if err := webhook.Verify(secrets, h, []byte(signed), exampleTime.Add(time.Hour)); !errors.Is(err, webhook.ErrSignature) {
		t.Errorf("what was signed by Standard Webhooks, as GitHub's: %v", err)
	}
}

func TestDeliveryID(t *testing.T) {
	h := http.Header{}
	if got := webhook.DeliveryID(h, []byte("{}")); got != "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" {
		t.Errorf("of a body alone: %s", got)
	}
	for _, name := range []string{"idempotency-key", "x-github-delivery", "webhook-id"} {
		h.Set(name, name)
		if got := webhook.DeliveryID(h, nil); got != name {
			t.Errorf("with %s beside those below it: %s", name, got)
		}
	}
	// Of a signed call it is signed, too: what else is in the headers is anybody's to say.
	digest := webhook.DeliveryID(http.Header{}, []byte(exampleBody))
	h.Set("X-Hub-Signature-256", "sha256=00")
	if got := webhook.DeliveryID(h, []byte(exampleBody)); got != digest {
		t.Errorf("as GitHub signs: %s", got)
	}
	h.Set("Webhook-Signature", exampleSignature)
	if got := webhook.DeliveryID(h, nil); got != "webhook-id" {
		t.Errorf("by Standard Webhooks: %s", got)
	}
	h.Del("Webhook-Id")
	if got := webhook.DeliveryID(h, []byte(exampleBody)); got != digest {
		t.Errorf("by Standard Webhooks without an id: %s", got)
	}
}

func TestParseSecrets(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "there is no secret in it",
		"# nothing\n\n":                 "there is no secret in it",
		"whsec_" + "%%%":                "line 1: what follows whsec_ is not base64",
		"# one\nwhsec_-_-_":             "line 2: what follows whsec_ is not base64",
		"whsec_MfKQ9r8GKYqrTwjU":        "line 1: the secret's key has 12 bytes, 16 to 512 are taken",
		"hunter2":                       "line 1: the secret's key has 7 bytes, 16 to 512 are taken",
		strings.Repeat("long", 200):     "line 1: the secret's key has 800 bytes, 16 to 512 are taken",
		"whsk_" + exampleSecret:         "line 1: the secret is a key of a pair (whsk_, whpk_); only shared secrets (whsec_) are taken",
		exampleSecret + "\nwhpk_secret": "line 2: the secret is a key of a pair (whsk_, whpk_); only shared secrets (whsec_) are taken",
	} {
		if _, err := webhook.ParseSecrets(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	all, err := webhook.ParseSecrets("# the new one\r\n" + exampleSecret + "\r\n\n  the old one, with spaces  ")
	if err != nil || len(all) != 2 {
		t.Fatalf("two secrets: %d, %v", len(all), err)
	}
	for _, text := range []string{"whsec_bm90IHBhZGRlZCwgMjAgYnl0ZXM=", "whsec_bm90IHBhZGRlZCwgMjAgYnl0ZXM", "not padded, 20 bytes"} {
		got := webhook.Sign(secretsOf(t, text), "1", exampleTime, nil)
		want := webhook.Sign(secretsOf(t, "not padded, 20 bytes"), "1", exampleTime, nil)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q is another key", text)
		}
	}
}

// TestSecretIsHidden prints one in each way that something may be printed.
func TestSecretIsHidden(t *testing.T) {
	s := secretOf(t, "kept to oneself, always")
	raw, err := json.Marshal(map[string]any{"one": s, "more": []webhook.Secret{s}})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(raw), fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q %x", s, &s, s, s, s, struct{ Of webhook.Secret }{s}), s.LogValue().String()} {
		if strings.Contains(text, "kept") || strings.Contains(text, "6b657074") || strings.Contains(text, "107 101 112 116") {
			t.Errorf("shows the secret: %s", text)
		}
	}
}
