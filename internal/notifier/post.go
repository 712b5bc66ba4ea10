package notifier

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/webhook"
	"github.com/pawlrun/pawl/notice"
)

// patience is how long one try may take, from the connection to the end of the answer.
const patience = 10 * time.Second

// newTransport returns what a Notifier tells through, if it is not given another.
func newTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxConnsPerHost, t.MaxIdleConnsPerHost = atOnce, atOnce
	t.MaxResponseHeaderBytes = limits.NoticeAnswerBytes
	t.DisableCompression = true
	return t
}

// post tells a notice once. It follows no redirect, and throws away what the answer says
// beside its status.
func (n *Notifier) post(ctx context.Context, id string, body []byte) notice.Answer {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, n.o.Target.address.String(), bytes.NewReader(body))
	if err != nil {
		return notice.Answer{Problem: "the address is none"} // it was parsed before
	}
	req.Header = webhook.Sign(n.o.Secrets, id, time.Now(), body)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "pawl")
	resp, err := n.client.Do(req)
	if err != nil {
		return notice.Answer{Problem: problem(ctx, err)}
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, limits.NoticeAnswerBytes) // so that the connection can be used again
	return notice.Answer{Status: resp.StatusCode, RetryAfter: resp.Header.Get("Retry-After")}
}

// problem says why no answer came, without the address.
func problem(ctx context.Context, err error) string {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %v", patience)
	}
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err
	}
	return cut(err.Error())
}
