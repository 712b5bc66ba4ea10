package responsestest

import "slices"

// parseSettings checks how the answer is to be made, and fills c from it. name is what
// the API calls the effort.
func parseSettings(temperature *float64, name string, effort *string, c *Call) *violation {
	if temperature != nil && (*temperature < 0 || *temperature > 2) {
		return refuse("temperature", "expected a value from 0 to 2, but got %v instead", *temperature)
	}
	c.Temperature = temperature
	if effort == nil {
		return nil
	}
	c.Effort = *effort
	if !slices.Contains([]string{"none", "minimal", "low", "medium", "high", "xhigh", "max"}, c.Effort) {
		return refuse(name, "invalid value: %q", c.Effort)
	}
	return nil
}
