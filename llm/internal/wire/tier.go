package wire

import (
	"encoding/json"
	"strings"

	"github.com/pawlrun/pawl/llm"
)

// Tiered returns a usage with the name of a service tier, a JSON string that stands in or
// beside it. It is the server's word until the attempt ends; see finishTier.
func Tiered(u *llm.Usage, tier json.RawMessage) *llm.Usage {
	var name string
	if u == nil || json.Unmarshal(tier, &name) != nil || name == "" {
		return u
	}
	of := *u
	of.ServiceTier = name
	return &of
}

// finishTier returns a usage whose service tier is as llm.Usage has it: without keys, short,
// in lower case, and empty where the server only repeats that none was asked for, as vLLM
// does.
func (e *Endpoint) finishTier(u *llm.Usage) *llm.Usage {
	if u == nil || u.ServiceTier == "" {
		return u
	}
	of := *u
	name := strings.ToLower(e.scrub(Brief(e.scrub(u.ServiceTier))))
	switch of.ServiceTier = strings.TrimPrefix(strings.TrimSpace(name), "service_tier_"); of.ServiceTier { // the older names of Google's
	case "auto", "unspecified":
		of.ServiceTier = ""
	}
	return &of
}
