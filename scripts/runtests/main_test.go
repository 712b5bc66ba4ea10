package main

import (
	"strings"
	"testing"
)

// What passes is a line, what fails says all, and what was skipped comes last with its
// reason, also where lines of tests that run side by side are mixed.
func TestShow(t *testing.T) {
	const in = `{"Action":"start","Package":"a"}
{"Action":"run","Package":"a","Test":"TestGood"}
{"Action":"output","Package":"a","Test":"TestGood","Output":"=== RUN   TestGood\n"}
{"Action":"output","Package":"a","Test":"TestBad","Output":"    a_test.go:9: is wrong\n"}
{"Action":"output","Package":"a","Test":"TestGood","Output":"    a_test.go:5: chatter\n"}
{"Action":"output","Package":"a","Test":"TestGone","Output":"=== RUN   TestGone\n"}
{"Action":"output","Package":"a","Test":"TestGone","Output":"    a_test.go:7: no sqlite3 here\n"}
{"Action":"output","Package":"a","Test":"TestGone","Output":"--- SKIP: TestGone (0.00s)\n"}
{"Action":"skip","Package":"a","Test":"TestGone"}
{"Action":"pass","Package":"a","Test":"TestGood"}
{"Action":"fail","Package":"a","Test":"TestBad"}
{"Action":"output","Package":"a","Output":"FAIL\n"}
{"Action":"output","Package":"a","Output":"FAIL\ta\t0.1s\n"}
{"Action":"fail","Package":"a"}
{"Action":"output","Package":"b","Output":"PASS\n"}
{"Action":"output","Package":"b","Output":"ok  \tb\t0.2s\n"}
{"Action":"pass","Package":"b"}
{"Action":"output","Package":"c","Test":"TestHangs","Output":"panic: test timed out\n"}
{"Action":"fail","Package":"c"}
{"Action":"build-output","ImportPath":"d","Output":"d.go:1: undefined\n"}
a word of go itself
`
	const want = "--- FAIL: TestBad\n    a_test.go:9: is wrong\nFAIL\nFAIL\ta\t0.1s\nok  \tb\t0.2s\n" +
		"--- not ended: TestHangs\npanic: test timed out\nd.go:1: undefined\na word of go itself\n" +
		"skipped:\n  a: no sqlite3 here (TestGone)\n"
	var out strings.Builder
	if err := show(strings.NewReader(in), &out); err != nil || out.String() != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, out.String(), want)
	}
}
