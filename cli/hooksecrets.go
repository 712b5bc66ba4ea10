package cli

import (
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/pawlrun/pawl/internal/webhook"
)

// hookSecretVariable has secrets of webhooks of all flows.
const hookSecretVariable = "PAWL_HOOK_SECRET"

// anyFlow stands in a file of secrets for the flows that it does not name.
const anyFlow = "*"

// hookSecrets are the secrets with which calls of webhooks are signed, by flow.
type hookSecrets map[string][]webhook.Secret

// hookSecrets reads the secrets of webhooks: from a file, if there is one, and for the flows
// that it does not name from the environment. No error quotes one.
func (a *app) hookSecrets(path string) (hookSecrets, error) {
	all := hookSecrets{}
	secrets, err := a.secretsOf(hookSecretVariable)
	if err != nil {
		return nil, err
	}
	if secrets != nil {
		all[anyFlow] = secrets
	}
	if path == "" {
		return all, nil
	}
	own := hookSecrets{}
	err = readSecretFile("--hook-secrets", path, func(line string) error {
		flow, secret, err := a.readHookSecret(line)
		own[flow] = append(own[flow], secret)
		return err
	})
	if err != nil {
		return nil, err
	}
	maps.Copy(all, own)
	return all, nil
}

// readHookSecret reads a line of a file of secrets: a flow, and a secret of it. A flow that
// there is not is refused: it would be another one's calls that nobody has to sign.
func (a *app) readHookSecret(line string) (flow string, secret webhook.Secret, err error) {
	end := strings.IndexAny(line, " \t")
	if end < 0 {
		return "", secret, fmt.Errorf("wants FLOW SECRET, or %s SECRET for all others", anyFlow)
	}
	flow = line[:end]
	if flow != anyFlow && a.flow(flow) == nil {
		return "", secret, fmt.Errorf("it begins with no flow that there is: wants FLOW SECRET, or %s SECRET for all others", anyFlow)
	}
	secret, err = webhook.ParseSecret(line[end:])
	return flow, secret, err
}

// checkHook refuses a call for a run of a flow that has secrets and that none of them signed.
func (a *app) checkHook(all hookSecrets) func(string, http.Header, []byte) error {
	if len(all) == 0 {
		return nil
	}
	return func(flow string, h http.Header, body []byte) error {
		secrets := all[flow]
		if len(secrets) == 0 {
			secrets = all[anyFlow]
		}
		if len(secrets) == 0 {
			return nil
		}
		return webhook.Verify(secrets, h, body, a.now())
	}
}
