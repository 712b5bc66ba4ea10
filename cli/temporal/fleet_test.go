package temporal

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl/cli"
)

// variables is an environment.
type variables map[string]string

func (v variables) LookupEnv(name string) (string, bool) {
	s, ok := v[name]
	return s, ok
}

// TestFleetSettings: what a fleet of workers is told by the environment is what their engine has,
// and what is neither one word nor the other is refused by its name.
func TestFleetSettings(t *testing.T) {
	const takeover, rate = "PAWL_TEMPORAL_TAKEOVER", "PAWL_TEMPORAL_CALLS_PER_SECOND"
	for _, c := range []struct {
		env  variables
		stay bool
		rate float64
	}{
		{variables{}, false, 0},
		{variables{takeover: "on", rate: "2.5"}, false, 2.5},
		{variables{takeover: "off", rate: "none"}, true, -1},
	} {
		o, err := options(cli.Settings{}, c.env)
		if err != nil || o.Stay != c.stay || o.CallsPerSecond != c.rate {
			t.Errorf("%v: stay %v, rate %v, %v", c.env, o.Stay, o.CallsPerSecond, err)
		}
	}
	for _, env := range []variables{{takeover: "no"}, {takeover: "OFF "}, {rate: "-1"}, {rate: "0"}, {rate: "NaN"}, {rate: "+Inf"}, {rate: "None"}} {
		_, err := options(cli.Settings{}, env)
		for name := range env {
			if err == nil || !strings.Contains(err.Error(), name+" is ") {
				t.Errorf("%v: %v", env, err)
			}
		}
	}
}

func (v variables) Environ() []string {
	all := []string{}
	for name, s := range v {
		all = append(all, name+"="+s)
	}
	return all
}
