package wire

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"

	most "github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/llm"
)

const (
	maxAnswerBytes = most.AnswerBytes
	maxErrorBytes  = most.ErrorBytes

	// maxIdlePerHost is as many calls as the engine keeps in flight. The standard
	// transport keeps two connections and would dial anew for all others.
	maxIdlePerHost = 64
)

// httpClient copies c, or makes a client. It does not follow redirects: a POST
// would come out as a GET, and a redirect means that the base URL is wrong.
func httpClient(c *http.Client) *http.Client {
	var client http.Client
	if c != nil {
		client = *c
	} else if t, ok := http.DefaultTransport.(*http.Transport); ok {
		t = t.Clone()
		t.MaxIdleConnsPerHost = maxIdlePerHost
		t.MaxResponseHeaderBytes = most.HeaderBytes
		client.Transport = t
	}
	follows := client.CheckRedirect
	client.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		first := via[0].URL
		if follows == nil || req.URL.Scheme != first.Scheme || req.URL.Host != first.Host { // it would get prompt and key
			return http.ErrUseLastResponse
		}
		return follows(req, via)
	}
	return &client
}

// sendError sorts what Send returned. Whatever went over the wire comes as a
// *url.Error, an *llm.Error of Post's or the context's error; all else was said
// before anything was sent.
func (e *Endpoint) sendError(ctx context.Context, err error) error {
	var known *llm.Error
	var u *url.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &u) || ctx.Err() != nil:
		return e.transportError(ctx, err)
	}
	return &llm.Error{Kind: llm.Invalid, Message: "prepare request: " + Brief(err.Error())}
}

// transportError sorts an error of the connection. The context goes first: when it
// ends, connections break in many ways.
func (e *Endpoint) transportError(ctx context.Context, err error) *llm.Error {
	const billed = "the provider may have worked on this call, and billed it"
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the URL, which people have seen and which may hold a password
	}
	var untrusted *tls.CertificateVerificationError
	var timeout net.Error
	var tooLarge *http.MaxBytesError
	var op *net.OpError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &llm.Error{Kind: llm.Timeout, Message: "no complete answer before the deadline", Hint: billed, Err: ctx.Err()}
	case ctx.Err() != nil:
		return &llm.Error{Kind: llm.Canceled, Message: "canceled before the answer was complete", Err: ctx.Err()}
	case errors.As(err, &tooLarge), errors.Is(err, bufio.ErrTooLong):
		return &llm.Error{Kind: llm.Invalid, Message: "the answer is larger than we read (64 MiB, or 32 MiB in one event)"}
	case isSchemeMistake(err):
		return &llm.Error{Kind: llm.Invalid, Message: Brief(err.Error()), Hint: "check " + e.names.BaseURL + ": whether it begins with http:// or https://", Err: err}
	case errors.As(err, &untrusted):
		return &llm.Error{Kind: llm.Invalid, Message: Brief(err.Error()),
			Hint: "check " + e.names.BaseURL + " and the clock; an authority of one's own is trusted where the system keeps them", Err: err}
	case errors.As(err, &timeout) && timeout.Timeout():
		return &llm.Error{Kind: llm.Timeout, Message: Brief(err.Error()), Hint: billed, Err: err}
	case errors.As(err, &op) && op.Op == "dial":
		return &llm.Error{Kind: llm.Network, Message: Brief(err.Error()), Hint: "check the connection and " + e.names.BaseURL, Err: err}
	case op != nil: // without our own port, which changes with every call
		return &llm.Error{Kind: llm.Network, Message: "the connection broke: " + Brief(op.Err.Error()), Hint: billed, Err: err}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &llm.Error{Kind: llm.Network, Message: "the connection broke before the answer was complete", Hint: billed, Err: err}
	}
	return &llm.Error{Kind: llm.Network, Message: Brief(err.Error()), Hint: billed, Err: err}
}

// isSchemeMistake reports whether one side spoke TLS and the other did not: the address
// begins with the wrong word, and no further attempt changes that.
func isSchemeMistake(err error) bool {
	const alert = `malformed HTTP response "\x15\x03` // a TLS record, as net/http quotes it; it has no type
	var header tls.RecordHeaderError
	return errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &header) || strings.Contains(err.Error(), alert)
}

// isDocument reports whether a body cannot be a stream: some servers answer plainly
// although a stream was asked for, whatever they call it, and gateways send pages. No event
// begins as these do. It waits for the first byte that is no space.
func isDocument(res *http.Response) bool {
	body := bufio.NewReader(res.Body)
	res.Body = buffered{body, res.Body}
	for {
		switch first, err := body.Peek(1); {
		case err != nil: // who reads on finds it
		case first[0] == ' ', first[0] == '\t', first[0] == '\r', first[0] == '\n':
			_, _ = body.Discard(1)
			continue
		case first[0] == '{', first[0] == '[', first[0] == '<':
			return true
		}
		break
	}
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return media == "application/json" || media == "text/html" || strings.HasSuffix(media, "+json")
}

// buffered is a body whose beginning was looked at.
type buffered struct {
	io.Reader
	io.Closer
}
