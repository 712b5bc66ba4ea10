package wire

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl/llm"
)

func TestEnds(t *testing.T) {
	for kind, words := range map[llm.ErrorKind]string{
		complete:          "stop STOP Stop eos end_turn COMPLETE completed end finish_reason_stop FINISH_REASON_STOP stop-sequence null",
		llm.Truncated:     "length max_tokens MAX_TOKENS FINISH_REASON_MAX_TOKENS max_output_tokens model_length",
		llm.ContextLength: "model_context_window_exceeded ERROR_LIMIT",
		llm.Filtered:      "content_filter content-filter sensitive SAFETY RECITATION PROHIBITED_CONTENT ERROR_TOXIC guardrail_intervened",
		llm.Refused:       "refusal",
		llm.Overloaded:    "tool_calls tool_use MALFORMED_FUNCTION_CALL error abort insufficient_system_resource network_error OTHER stopped lengthy",
	} {
		for _, word := range strings.Fields(words) {
			e := EndError(word)
			if kind == complete {
				if e != nil {
					t.Errorf("%s: %v", word, e)
				}
			} else if e == nil || e.Kind != kind || e.Message == "" || e.Code != word {
				t.Errorf("%s: %+v, wants kind %s", word, e, kind)
			}
		}
	}
	if e := EndError(""); e != nil {
		t.Errorf("none: %v", e)
	}
}
