package exec

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pawlrun/pawl"
)

// traceparent is the form of W3C Trace Context, version 00.
var traceparent = regexp.MustCompile("^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")

// CheckTrace refuses what is no traceparent. Empty is none.
func CheckTrace(trace string) error {
	zero := func(from, to int) bool { return strings.Trim(trace[from:to], "0") == "" }
	if trace == "" || traceparent.MatchString(trace) && !zero(3, 35) && !zero(36, 52) {
		return nil
	}
	return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("trace %.80q: wants a W3C traceparent, 00-TRACE-SPAN-FLAGS in lower hexadecimal digits", trace)}
}
