package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/schema"
)

// FuzzEncode: what is written without encoding/json has the bytes that it would
// write, and is refused where it would refuse.
func FuzzEncode(f *testing.F) {
	f.Add("write", "plain", "", []byte(`12`), int64(1), int64(1_800_000_000_123), true)
	f.Add("a\"b\\c\n\x00\x7f", "<&> é \u2028\u2029 \xff", "x", []byte(` { "a" : [ 1 , "\u2028 <" ] } `), int64(-5), int64(-62_167_219_200_001), false)
	f.Add("", "", "", []byte(`{"a":`), int64(0), int64(0), true)
	f.Add("", "\u007f\u0080", "", []byte("\"\xff\""), int64(0), int64(300_000_000_000_000), true)
	f.Add("", "", "", []byte(" "), int64(0), int64(0), false)
	f.Add("", "", "", []byte(nil), int64(0), int64(0), false)
	f.Fuzz(func(t *testing.T, s1, s2, s3 string, raw []byte, n, ms int64, yes bool) {
		step := Step{Kind: pawl.Kind(s1), Purpose: s2, Digest: s3, Sensitive: yes}
		at := pawl.Time{Time: time.UnixMilli(ms).In(time.FixedZone("", int(n%86_000)))}
		attempt := Attempt{Number: int(n), Outcome: pawl.Outcome(s1), Model: s2, Result: raw, RequestID: s3, StartedAt: at}
		timer := Timer{Fired: yes}
		if yes {
			attempt.Step, attempt.Raw = &step, &s2
			timer.Step, timer.Until = &step, at
		}
		for _, body := range []any{
			attempt, timer, Intent{Step: step, Number: int(n), Try: int(ms), Of: 3, Why: s2, Model: s3}, Scope{Step: step, N: int(n), Closed: yes},
			Claimed{Epoch: n, By: s2}, Released{Status: pawl.Status(s1), Reason: s2, WakeAt: at}, Released{Reason: s3},
		} {
			got, ok := appendBody(body)
			want, err := schema.Encode(body)
			if ok != (err == nil) || ok && !bytes.Equal(got, want) {
				t.Errorf("%#v: got %v\n%s\nwants %v\n%s", body, ok, got, err, want)
			}
			is, isErr := encode(body)
			if !bytes.Equal(is, want) || fmt.Sprint(isErr) != fmt.Sprint(err) {
				t.Errorf("%#v: encoded as\n%s %v\nwants\n%s %v", body, is, isErr, want, err)
			}
		}
		quoted, err := json.Marshal(at)
		if got := `"` + string(appendTime(nil, at)) + `"`; err == nil && got != string(quoted) {
			t.Errorf("time %s, wants %s", got, quoted)
		}
	})
}

// The bodies that flows make most of do not need encoding/json.
func TestHotBodiesAreAppended(t *testing.T) {
	for _, body := range []any{Attempt{}, Intent{}, Scope{}, Timer{}, Claimed{}, Released{}} {
		if _, ok := appendBody(body); !ok {
			t.Errorf("%T is encoded by reflection", body)
		}
	}
}
