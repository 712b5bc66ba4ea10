package wire

import (
	"strings"
	"testing"
)

func TestMostThatServersSay(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		want     int
	}{
		{"max_tokens is too large: 50000. This model supports at most 32768 completion tokens, whereas you provided 50000.", 32768},
		{"max_completion_tokens is too large: 50000. This model supports at most 16384 completion tokens, whereas you provided 50000.", 16384},
		{"Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", 8192},
		{"<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 8192]", 8192},
		{"`max_tokens` must be less than or equal to `16384`, the maximum value for `max_tokens` is less than the `context_window` for this model", 16384},
		{"max_completion_tokens must be less than or equal to 40960, the maximum value for max_completion_tokens is less than the context_window for this model", 40960},
		{"max_tokens for `llama-3.1-8b-instant` must be less than or equal to 8000", 8000},
		{"The parameter `max_completion_tokens` specified in the request are not valid: integer above maximum value, expected a value <= 12288, but got 32000 instead.", 12288},
		{"max_tokens (current value: 4096) must be between 0 and 4000", 4000},
		{"max_output_tokens must be at most 8192", 8192},
		{"Unable to submit request because it has a maxOutputTokens value of 655360 but the supported range is from 1 (inclusive) to 8193 (exclusive). Update the value and try again.", 8192},

		{"Unable to submit request because it has a temperature value of 7 but the supported range is from 0 (inclusive) to 3 (exclusive).", 0},
		{"temperature must be less than or equal to 2", 0},
		{"max_tokens must be at most 99999999999999999999", 0},
		{"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", 0},
		{"max_tokens must be a number", 0},
	} {
		if got := mostIn(strings.ToLower(tt.sentence)); got != tt.want {
			t.Errorf("%q: %d, wants %d", tt.sentence, got, tt.want)
		}
	}
}
