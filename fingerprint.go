package pawl

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
)

// digests returns what makes the fingerprint of a flow and its parts, when it is first
// called: a program begins with many flows and needs few of them.
func digests(info FlowInfo) func() (string, map[string]string) {
	return sync.OnceValues(func() (string, map[string]string) { return fingerprint(info), fingerprintParts(info) })
}

// fingerprint digests what a run of this flow depends on besides its code.
func fingerprint(info FlowInfo) string {
	h := sha256.New()
	fmt.Fprintf(h, "pawl-flow-1\n%s\n%s\n%s\n", info.Name, info.Input.JSON(), info.Output.JSON())
	for _, p := range info.Prompts {
		fmt.Fprintf(h, "%s\n%d\n%s\n", p.Name, len(p.Text), p.Text)
		if p.Answer != nil {
			fmt.Fprintf(h, "%s\n", p.Answer.JSON())
		}
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// fingerprintParts digests each part of what the fingerprint covers, see FlowInfo.Parts.
func fingerprintParts(info FlowInfo) map[string]string {
	// 64 bits are enough to notice a change.
	short := func(text []byte) string { sum := sha256.Sum256(text); return hex.EncodeToString(sum[:8]) }
	parts := map[string]string{"input": short(info.Input.JSON()), "output": short(info.Output.JSON())}
	for _, p := range info.Prompts {
		parts["prompt "+p.Name] = short([]byte(p.Text))
		if p.Answer != nil {
			parts["answer "+p.Name] = short(p.Answer.JSON())
		}
	}
	return parts
}
