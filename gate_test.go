package pawl_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/llm"
)

type titles struct {
	Titles []string `json:"titles"`
	Main   *section `json:"main"`
	Rank   int8     `json:"rank"`
}

// sortsInPlace changes its value in all ways there are, and then complains of what
// it has made of it.
func sortsInPlace(v titles) error {
	slices.Sort(v.Titles)
	v.Main.Type = "changed"
	return errors.New(strings.Join(v.Titles, "") + v.Main.Type)
}

func seesFirst(v titles) error { return errors.New(v.Titles[0] + v.Main.Type) }

const someTitles = `{"titles":["b","a"],"main":{"Type":"intro","TargetLength":1},"rank":1}`

// A gate that changes the value which it is given misleads neither the gates behind
// it nor the flow, also while other attempts are judged.
func TestGateChangesItsValue(t *testing.T) {
	q := pawl.Messages[titles]("Titling", llm.User("x")).
		Gate("sorts", sortsInPlace).Gate("sees", seesFirst).Gate("sorts again", sortsInPlace).Gate("sees again", seesFirst)
	s, out, err := askedBy(q, someTitles)
	if err != nil {
		t.Fatal(err)
	}
	want := []pawl.GateResult{{Name: "schema", OK: true}, {Name: "type", OK: true}, {Name: "sorts", Detail: "abchanged"}, {Name: "sees", Detail: "bintro"},
		{Name: "sorts again", Detail: "abchanged"}, {Name: "sees again", Detail: "bintro"}}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			v := replay.JudgeText(s, someTitles)
			if d := cmp.Diff(want, v.Gates); d != "" || string(v.Value) != someTitles {
				t.Error(string(v.Value), d)
			}
		})
	}
	all.Wait()
	if out.Titles[0] != "b" || out.Main.Type != "intro" {
		t.Errorf("the flow sees %+v", out)
	}
}

// counting is a text that counts how often it is decoded.
type counting string

var decoded atomic.Int64

func (c counting) MarshalText() ([]byte, error) { return []byte(c), nil }
func (c *counting) UnmarshalText(text []byte) error {
	decoded.Add(1)
	*c = counting(text)
	return nil
}

// More gates do not decode an answer more often.
func TestGatesDecodeOnce(t *testing.T) {
	type answer struct {
		Text counting `json:"text"`
	}
	decodes := func(gates int) int64 {
		q := pawl.Messages[answer]("P", llm.User("x"))
		for i := range gates {
			q = q.Gate(fmt.Sprint("gate ", i), func(answer) error { return nil })
		}
		s, _, err := askedBy(q, `{"text":"x"}`)
		if err != nil {
			t.Fatal(err)
		}
		before := decoded.Load()
		if v := replay.JudgeText(s, `{"text":"x"}`); !v.Accepted() || len(v.Gates) != gates+2 {
			t.Fatalf("%+v", v)
		}
		return decoded.Load() - before
	}
	if one, many := decodes(1), decodes(9); one == 0 || many != one {
		t.Errorf("one gate decodes %d times, nine %d times", one, many)
	}
}

// What does not fit the Go type is said by every gate, since none can look at it.
func TestGatesOfWhatDoesNotFit(t *testing.T) {
	q := pawl.Messages[titles]("P", llm.User("x")).Gate("sees", seesFirst)
	s, _, err := askedBy(q, someTitles)
	if err != nil {
		t.Fatal(err)
	}
	v := replay.JudgeText(s, strings.Replace(someTitles, `"rank":1`, `"rank":1000`, 1))
	const wrong = "rank: wants an integer that fits int8, got 1000"
	if d := cmp.Diff([]pawl.GateResult{{Name: "schema", OK: true}, {Name: "type", Detail: wrong}, {Name: "sees", Detail: wrong}}, v.Gates); d != "" {
		t.Error(d)
	}
}
