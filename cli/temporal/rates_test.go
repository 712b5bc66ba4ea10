package temporal

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
	"github.com/pawlrun/pawl/engine/local"
	engine "github.com/pawlrun/pawl/engine/temporal"
	"github.com/pawlrun/pawl/llm"
)

func with(t *testing.T, rates string, most map[string]int) (engine.Options, error) {
	s := cli.Settings{Engine: local.Options{Models: llm.Catalog{"offline": named{}, "house": named{}}, MaxCalls: most}}
	return options(s, variables{ratesVariable: rates, "TEMPORAL_CONFIG_FILE": t.TempDir() + "/none"})
}

// named is a provider whose models have names.
type named struct{ llm.Model }

func (named) CheckModel(name string) error {
	if name == "" {
		return errors.New("a name is missing")
	}
	return nil
}

// TestRates: models are read with their rates, and with what a process makes at once of them.
func TestRates(t *testing.T) {
	got, err := with(t, " house/a=2.5, house/* ,offline?fail=1=20,house/q/b:1=1e-1,house/n=none", map[string]int{"house/*": 3, "house/a": 1})
	want := map[string]engine.Rate{"house/a": {PerSecond: 2.5, Calls: 1}, "house/*": {Calls: 3}, "offline?fail=1": {PerSecond: 20}, "house/q/b:1": {PerSecond: 0.1}, "house/n": {PerSecond: -1}}
	if err != nil || !maps.Equal(got.Rates, want) {
		t.Errorf("%+v, %v", got.Rates, err)
	}
	if got, err := with(t, "", nil); err != nil || got.Rates != nil {
		t.Errorf("without: %+v, %v", got.Rates, err)
	}
}

// TestWrongRates: the error names the variable and what is wrong in it.
func TestWrongRates(t *testing.T) {
	for rates, says := range map[string]string{
		"house/a=-1":         `"-1" is no rate of "house/a"`,
		"house/a=0":          `"0" is no rate`,
		"house/a=NaN":        `"NaN" is no rate`,
		"house/a=inf":        `"inf" is no rate`,
		"house/a=fast":       `"fast" is no rate`,
		"house/a=":           `"" is no rate`,
		"house/a=1,":         "is no model",
		"=1":                 "is no model",
		"huose/*=1":          `no provider "huose"; providers are house`,
		"house=1":            "house is no model; wants house/NAME",
		"house/a*=1":         "* stands for all models",
		"house/a=1,house/a":  "house/a stands in it twice",
		"house/a=1;house/b=": `"" is no rate`,
	} {
		_, err := with(t, rates, nil)
		if e := pawl.AsError(err, ""); err == nil || e.Kind != pawl.ErrInput || !strings.HasPrefix(e.Message, ratesVariable+": ") || !strings.Contains(e.Message, says) {
			t.Errorf("%q: %v, want %s", rates, err, says)
		}
	}
	_, err := with(t, "house/*=1", map[string]int{"house/a": 1})
	if e := pawl.AsError(err, ""); err == nil || e.Kind != pawl.ErrInput || !strings.Contains(e.Message, "--max-calls") || !strings.Contains(e.Message, "entry house/a") {
		t.Errorf("calls of a model without an entry: %v", err)
	}
}
