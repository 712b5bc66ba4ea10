package notifier

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
)

// ErrByProxy is why an address was not tried: the environment names a proxy for it.
var ErrByProxy = errors.New("it is told through a proxy, behind which nothing was tried")

// Reach opens a connection to the address and closes it again: to a name that is found, with
// a certificate that is valid where it begins with https. Nothing is sent on it, so nobody is
// told of anything, and whether the path and the secret are right remains to be seen. An error
// does not quote the address.
func (t Target) Reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	by, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: t.address.Scheme, Host: t.address.Host}})
	switch {
	case err != nil:
		return errors.New("the environment names a proxy for it with an address that is none")
	case by != nil:
		return ErrByProxy
	}
	var d interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	} = &net.Dialer{}
	port := "80"
	if t.address.Scheme == "https" {
		d, port = &tls.Dialer{}, "443"
	}
	if p := t.address.Port(); p != "" {
		port = p
	}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(t.address.Hostname(), port))
	if err != nil {
		return errors.New(problem(ctx, err))
	}
	conn.Close()
	return nil
}
