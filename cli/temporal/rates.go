package temporal

import (
	"math"
	"strconv"
	"strings"

	engine "github.com/pawlrun/pawl/engine/temporal"
)

const ratesVariable = "PAWL_TEMPORAL_RATES"

// ratesOf reads the models that have task queues of their own: MODEL=N, MODEL=none where nothing is
// to bound the rate any more, or MODEL where it is to stay as it was, with commas between them. check says what is wrong with one.
func ratesOf(value string, check func(model string, r engine.Rate) error) (map[string]engine.Rate, error) {
	rates := map[string]engine.Rate{}
	for part := range strings.SplitSeq(value, ",") {
		model, rate := strings.TrimSpace(part), engine.Rate{}
		at := strings.LastIndex(part, "=") // options of a model's name may have one too
		if at >= 0 {
			name, number := strings.TrimSpace(part[:at]), strings.TrimSpace(part[at+1:])
			n, ok := perSecond(number)
			if !ok {
				return nil, wrong("%s: %.120q is no rate of %.120q, wants MODEL=N with N calls in a second above 0, as in openai/*=2.5, or none, or MODEL alone", ratesVariable, number, name)
			}
			model, rate.PerSecond = name, n
		}
		if err := check(model, rate); err != nil {
			return nil, wrong("%s: %v", ratesVariable, err)
		}
		if _, twice := rates[model]; twice {
			return nil, wrong("%s: %s stands in it twice", ratesVariable, model)
		}
		rates[model] = rate
	}
	return rates, nil
}

// perSecond reads how many calls begin in a second: a number above 0, or none where nothing is to
// bound them any more, which is below 0.
func perSecond(value string) (float64, bool) {
	if value == "none" {
		return -1, true
	}
	n, err := strconv.ParseFloat(value, 64)
	return n, err == nil && n > 0 && !math.IsInf(n, 0)
}
