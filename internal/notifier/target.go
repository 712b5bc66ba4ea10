package notifier

import (
	"errors"
	"net/url"

	"github.com/pawlrun/pawl/notice"
)

// Target is the address at which it is told. It is shown nowhere as it is, since it may be a
// secret: it prints as its scheme and host alone.
type Target struct {
	address *url.URL
}

// ParseTarget reads an address. An error does not quote it.
func ParseTarget(text string) (Target, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Opaque != "", u.Hostname() == "":
		return Target{}, errors.New("it wants a whole address, as in https://example.com/hook")
	case u.Scheme != "http" && u.Scheme != "https":
		return Target{}, errors.New("the address wants to begin with https:// or http://")
	}
	u.Fragment, u.RawFragment = "", ""
	return Target{u}, nil
}

// String is the address as it may be shown.
func (t Target) String() string {
	shown := t.address.Scheme + "://" + t.address.Host
	if t.address.Path != "" && t.address.Path != "/" || t.address.RawQuery != "" {
		shown += "/***"
	}
	return shown
}

// Receiver is who is told there of the runs of a program; empty: of all. Another user or
// password in the address does not make it another one.
func (t Target) Receiver(program string) notice.Receiver {
	bare := *t.address
	bare.User = nil
	return notice.Receiver{ID: notice.IDOf(bare.String(), program), Address: t.String(), Program: program}
}
