package replay_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl/internal/replay"
)

func TestTurns(t *testing.T) {
	for name, c := range map[string]struct{ events, want []string }{
		"results": {
			[]string{
				`attempt b {"outcome":"accepted","result":{"n":12345678901234567890}}`,
				`failed c {"error":{"kind":"gate","message":"no"},"final":true}`,
				`attempt a {"outcome":"accepted","raw":"<x>"}`,
			},
			[]string{`3 b {"n":12345678901234567890}`, `4 c no`, `5 a "<x>"`},
		},
		"a person": {
			[]string{
				`blocker p {"step":{"kind":"input","purpose":"P","digest":"d"},"kind":"input","question":"Q"}`,
				`blocker p {"step":{"kind":"input","purpose":"P","digest":"e"},"kind":"input","question":"Again"}`,
				`decision p {"what":"answer","who":"anna","value":1}`,
			},
			[]string{"3 p stands", "4 p stands", "5 p 1"},
		},
		"a decision that waits": {
			[]string{
				`blocker p {"step":{"kind":"input","purpose":"P","digest":"d"},"kind":"input","question":"Q"}`,
				`decision p {"what":"answer","who":"anna","value":1,"waits":true}`,
				`decision p {"what":"answer","who":"anna","value":1}`,
			},
			[]string{"3 p stands", "4 p goes on", "5 p 1"},
		},
		"a timer": {
			[]string{
				`timer s {"step":{"kind":"sleep","purpose":"S"},"until":"2026-03-01T12:00:09.000Z"}`,
				`timer s {"fired":true}`,
			},
			[]string{"3 s stands", "4 s null"},
		},
		"a failure": {
			[]string{
				`intent f {"step":{"kind":"ask","purpose":"F","digest":"d"},"number":1}`,
				`failed f {"error":{"kind":"gate","message":"no"}}`,
				`decision f {"what":"retry","who":"anna"}`,
				`attempt f {"outcome":"accepted","result":2}`,
			},
			[]string{"4 f stands", "5 f goes on", "6 f 2"},
		},
		"a budget": {
			[]string{
				`blocker f {"step":{"kind":"ask","purpose":"F","digest":"d"},"kind":"budget","question":"More?"}`,
				`decision - {"what":"raise","who":"anna","budget":{"calls":1}}`,
				`decision f {"what":"raise","who":"anna","budget":{"calls":9}}`,
			},
			[]string{"3 f stands", "5 f goes on"},
		},
		"a mismatch makes the result void": {
			[]string{
				`attempt d {"step":{"kind":"do","purpose":"D","digest":"d","data":{"a":"1"}},"outcome":"accepted","result":1}`,
				`blocker d {"step":{"kind":"do","purpose":"D","digest":"e","data":{"a":"2"}},"kind":"mismatch","question":"Which?","keep":true}`,
				`decision d {"what":"retry","who":"anna"}`,
			},
			[]string{"4 d stands", "5 d goes on"},
		},
		"a kept result comes where it was decided": {
			[]string{
				`attempt d {"step":{"kind":"do","purpose":"D","digest":"d","data":{"a":"1"}},"outcome":"accepted","result":1}`,
				`blocker d {"step":{"kind":"do","purpose":"D","digest":"e","data":{"a":"2"}},"kind":"mismatch","question":"Which?","keep":true}`,
				`decision d {"what":"continue","who":"anna"}`,
			},
			[]string{"4 d stands", "5 d 1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			events := history(append([]string{created, claimed}, c.events...)...)
			st := fold(t, events)
			var got []string
			for _, turn := range st.Turns() {
				got = append(got, describe(turn))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			last := events[len(events)-1]
			if turn, ok := st.TurnAt(last.Key, last.Seq); !ok || describe(turn) != c.want[len(c.want)-1] {
				t.Errorf("the last event's turn is %s, %t", describe(turn), ok)
			}
		})
	}
}

func describe(t replay.Turn) string {
	switch {
	case t.Stands:
		return fmt.Sprintf("%d %s stands", t.Seq, t.Key)
	case t.Result == nil:
		return fmt.Sprintf("%d %s goes on", t.Seq, t.Key)
	case t.Result.Failure != nil:
		return fmt.Sprintf("%d %s %s", t.Seq, t.Key, t.Result.Failure.Message)
	}
	return fmt.Sprintf("%d %s %s", t.Seq, t.Key, t.Result.Value)
}
