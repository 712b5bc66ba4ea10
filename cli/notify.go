package cli

import (
	"context"
	"net"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/notifier"
	"github.com/pawlrun/pawl/internal/webhook"
	"github.com/pawlrun/pawl/notice"
)

// notifyVariable names the address that is told when runs come to rest, secretVariable the
// secret that this is signed with.
const (
	notifyVariable = "PAWL_NOTIFY"
	secretVariable = "PAWL_NOTIFY_SECRET"
)

// notifying is who is to be told when runs come to rest.
type notifying struct {
	address    string
	secretFile string

	tells   bool // settled by readNotify, as what follows
	target  notifier.Target
	secrets []webhook.Secret
	link    func(pawl.RunID) string // nil: no server's address is known
}

// isSecret reports whether there is more to the address than may be shown.
func (n *notifying) isSecret() bool {
	target, err := notifier.ParseTarget(n.address)
	return err != nil || target.String() != n.address
}

func (a *app) notifyFlags(flags *pflag.FlagSet) {
	flags.StringVar(&a.notifying.address, "notify", "", "tell this `URL`, with a signed POST, when a run waits for a person, has failed or has ended")
	flags.StringVar(&a.notifying.secretFile, "notify-secrets", "", "sign that with each secret in this `FILE`, one a line; without it with that of "+secretVariable)
}

// readNotify settles who is told, and with which secrets, before anything is opened: it
// is asked once, since a file of secrets may be a pipe. What is wrong is said without the address and the secret.
func (a *app) readNotify() error {
	n := &a.notifying
	name, address := "--notify", n.address
	if address == "" {
		name, address = notifyVariable, a.getenv(notifyVariable)
	}
	if address == "" {
		if n.secretFile != "" {
			return badInput("--notify-secrets is for --notify, which is not given")
		}
		return nil
	}
	var err error
	if n.target, err = notifier.ParseTarget(address); err != nil {
		return badInput("%s: %v", name, err)
	}
	if n.secretFile != "" {
		err = readSecretFile("--notify-secrets", n.secretFile, func(line string) error {
			s, err := webhook.ParseSecret(line)
			n.secrets = append(n.secrets, s)
			return err
		})
	} else {
		n.secrets, err = a.secretsOf(secretVariable)
	}
	if err != nil {
		return err
	}
	if n.secrets == nil {
		return &pawl.Error{Kind: pawl.ErrInput, Message: name + " wants a secret to sign with: that of " + secretVariable + ", or --notify-secrets",
			Hint: "make one: echo whsec_$(openssl rand -base64 32)"}
	}
	n.tells = true
	return nil
}

// tellRests has it told when runs come to rest, if somebody is to be told, and returns what
// ends that: it tells what is left first.
func (a *app) tellRests(ctx context.Context, s *store) (stop func(), err error) {
	if !a.notifying.tells {
		return func() {}, nil
	}
	k, ok := s.journal.(notice.Keeper)
	if !ok {
		return nil, badInput("the store of this program keeps no notices, so that nobody can be told")
	}
	n := notifier.New(notifier.Options{
		Keeper: k, View: s.view, Target: a.notifying.target, Secrets: a.notifying.secrets, Program: a.ownProgram(), Link: a.notifying.link, Logger: a.serviceLogger(),
	})
	if err := n.Start(ctx); err != nil {
		return nil, err
	}
	a.sayWorker("%s is told when runs come to rest", a.notifying.target)
	return n.Stop, nil
}

// linkAt returns the address of a run on a server that listens there; nil: it has none.
func linkAt(at net.Addr, hosts []string) func(pawl.RunID) string {
	base := addressOf(at, hosts)
	if base == "" {
		return nil
	}
	return func(run pawl.RunID) string { return base + "/api/v1/runs/" + string(run) }
}

// addressOf returns the address of a server that listens there: by the first name that it is
// reached by, behind TLS as one of those is, else its own, if that is one; empty: it is none.
func addressOf(at net.Addr, hosts []string) string {
	if len(hosts) > 0 {
		return "https://" + hosts[0]
	}
	if tcp, ok := at.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return ""
	}
	return "http://" + at.String()
}
