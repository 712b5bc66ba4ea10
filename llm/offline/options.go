package offline

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// options is what a model name asks for.
type options struct {
	fail, truncate, malformed int
	reject, refuse            bool
	latency                   time.Duration
	answers                   string // a file; empty: none
}

// fault is what an attempt is to suffer.
type fault int

const (
	faultNone fault = iota
	faultFail
	faultTruncate
	faultMalformed
)

const optionNames = "answers, fail, latency, malformed, refuse, reject and truncate"

// parseOptions reads the name within the provider.
func parseOptions(name string) (options, error) {
	var o options
	if name == "" {
		return o, nil
	}
	query, ok := strings.CutPrefix(name, "?")
	if !ok {
		return o, fmt.Errorf(`offline has no model %q: write "offline", or options such as "offline?reject=1"`, name)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return o, fmt.Errorf(`offline options %q: want a form such as "?fail=1&latency=300ms"`, name)
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if len(values[key]) > 1 {
			return o, fmt.Errorf("offline option %q is given %d times: give it once", key, len(values[key]))
		}
		if err := o.set(key, values[key][0]); err != nil {
			return o, err
		}
	}
	return o, nil
}

func (o *options) set(key, value string) (err error) {
	switch key {
	case "fail", "truncate", "malformed":
		n, err := strconv.ParseUint(value, 10, 16)
		if err != nil {
			return fmt.Errorf("offline option %s=%q: want a number of attempts from 0 to 65535", key, value)
		}
		*map[string]*int{"fail": &o.fail, "truncate": &o.truncate, "malformed": &o.malformed}[key] = int(n)
	case "reject", "refuse":
		on, err := strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("offline option %s=%q: want 1 or 0", key, value)
		}
		*map[string]*bool{"reject": &o.reject, "refuse": &o.refuse}[key] = on
	case "answers":
		if o.answers = value; value == "" {
			return errors.New("offline option answers is empty: want a file of answers")
		}
	case "latency":
		if o.latency, err = time.ParseDuration(value); err != nil || o.latency < 0 {
			return fmt.Errorf("offline option latency=%q: want a duration such as 300ms or 2s", value)
		}
	default:
		return fmt.Errorf("unknown offline option %q: there are %s", key, optionNames)
	}
	return nil
}

// faults is how many attempts of a step suffer one.
func (o options) faults() int { return o.fail + o.truncate + o.malformed }

// fault says what the given attempt, counted from 1, is to suffer.
func (o options) fault(attempt int) fault {
	n := max(attempt, 1)
	if n <= o.fail {
		return faultFail
	}
	if n -= o.fail; n <= o.truncate {
		return faultTruncate
	}
	if n -= o.truncate; n <= o.malformed {
		return faultMalformed
	}
	return faultNone
}
