package temporal

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
	engine "github.com/pawlrun/pawl/engine/temporal"
)

// environment is how variables are looked up.
type environment = envconfig.EnvLookup

// options are what an engine is to have, as the command line and the environment say.
func options(s cli.Settings, env environment) (engine.Options, error) {
	e := s.Engine
	c, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: env})
	if err != nil {
		return engine.Options{}, wrong("settings of Temporal: %v", err)
	}
	if e.Logger != nil {
		c.Logger = slog.New(quieter{e.Logger.Handler()})
	}
	o := engine.Options{
		Client: c, Models: e.Models, Prices: e.Prices, Model: e.Model, Logger: e.Logger, Flows: e.Flows, Program: e.Program,
		Strict: e.Strict, OnChange: e.OnChange, Timeout: e.Timeout, Pieces: e.Pieces,
	}
	if err = own(&o, env); err != nil {
		return engine.Options{}, err
	}
	return o, bound(&o, e.MaxCalls)
}

// own reads the settings that are ours.
func own(o *engine.Options, env environment) error {
	get := func(name string) string {
		v, _ := env.LookupEnv(name)
		return v
	}
	o.Queue, o.Build = get("PAWL_TEMPORAL_QUEUE"), get("PAWL_TEMPORAL_BUILD")
	if strings.ContainsFunc(o.Queue, func(r rune) bool { return r <= ' ' || r == '\'' || r > '~' }) || len(o.Queue) > maxQueue {
		return wrong("PAWL_TEMPORAL_QUEUE is %.120q, wants up to %d letters, digits and such signs as - and .", o.Queue, maxQueue)
	}
	if dir := get("PAWL_TEMPORAL_BLOBS"); dir != "" {
		o.Blobs = engine.Directory(dir)
	}
	switch v := get("PAWL_TEMPORAL_TAKEOVER"); v {
	case "", "on":
	case "off":
		o.Stay = true
	default:
		return wrong("PAWL_TEMPORAL_TAKEOVER is %.120q, wants on or off", v)
	}
	if path := get("PAWL_TEMPORAL_KEYS"); path != "" {
		keys, err := readKeys(path)
		if err != nil {
			return wrong("PAWL_TEMPORAL_KEYS: %v", err)
		}
		o.Keys = keys
	}
	if v := get("PAWL_TEMPORAL_CALLS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return wrong("PAWL_TEMPORAL_CALLS is %q, wants a number from 1", v)
		}
		o.Calls = n
	}
	if v := get("PAWL_TEMPORAL_CALLS_PER_SECOND"); v != "" {
		n, ok := perSecond(v)
		if !ok {
			return wrong("PAWL_TEMPORAL_CALLS_PER_SECOND is %.120q, wants a number above 0, such as 2.5, or none", v)
		}
		o.CallsPerSecond = n
	}
	if v := get(ratesVariable); v != "" {
		rates, err := ratesOf(v, func(model string, r engine.Rate) error { return engine.CheckRate(o.Models, model, r) })
		o.Rates = rates
		return err
	}
	return nil
}

// bound bounds the calls at once of models that have a task queue of their own. Another model's
// would hold places of the build's queue while they wait.
func bound(o *engine.Options, most map[string]int) error {
	for _, model := range slices.Sorted(maps.Keys(most)) {
		rate, ok := o.Rates[model]
		if !ok {
			return wrong("--max-calls, PAWL_MAX_CALLS: on Temporal calls of %s are bounded if PAWL_TEMPORAL_RATES has an entry %[1]s, for all processes alike, which gives them a task queue of their own", model)
		}
		rate.Calls = most[model]
		o.Rates[model] = rate
	}
	return nil
}

// readKeys reads a file of keys, a line each. No error repeats any of it.
func readKeys(path string) (keys [][]byte, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(key) != 32 {
			return nil, fmt.Errorf("line %d of %q is no key, which is 32 bytes in base64, as of `openssl rand -base64 32`", n, path)
		}
		keys = append(keys, key)
	}
	if keys == nil {
		return nil, fmt.Errorf("there is no key in %q", path)
	}
	return keys, nil
}

// maxQueue bounds the beginning of names that Temporal takes up to a thousand bytes of.
const maxQueue = 200

func wrong(format string, args ...any) error {
	return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf(format, args...)}
}

// place says for people where Temporal is.
func place(c client.Options) string {
	address, namespace := c.HostPort, c.Namespace
	if address == "" {
		address = client.DefaultHostPort
	}
	if namespace == "" {
		namespace = client.DefaultNamespace
	}
	return fmt.Sprintf("%s, namespace %s", address, namespace)
}
