package relay

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
)

// tell tells the pieces of attempt 1 of a step of the run "r".
func tell(r *Relay, key pawl.Key, texts ...string) {
	for _, text := range texts {
		r.Tell(pawl.Piece{Run: "r", Key: key, Attempt: 1, Text: text})
	}
}

func end(r *Relay, key pawl.Key) { r.Tell(pawl.Piece{Run: "r", Key: key, Attempt: 1, End: true}) }

// said is what pieces say, in words.
func said(pieces []pawl.Piece) (words []string) {
	for _, p := range pieces {
		text := p.Text
		if p.End {
			text += "(end)"
		}
		words = append(words, fmt.Sprintf("%s%d:%s", p.Key, p.Attempt, text))
	}
	return words
}

func wantSaid(t *testing.T, got []pawl.Piece, want ...string) {
	t.Helper()
	if words := said(got); !slices.Equal(words, want) {
		t.Errorf("heard %q, wants %q", words, want)
	}
}

// A listener hears its run alone, and one that joins late first what the open attempts
// have so far.
func TestListen(t *testing.T) {
	r := New("", nil)
	defer r.Close()
	l := r.Listen("r")
	tell(r, "a", "one ", "", "two ")
	r.Tell(pawl.Piece{Run: "other", Key: "a", Attempt: 1, Text: "not ours"})
	r.Tell(pawl.Piece{Run: "r", Key: "secret", Attempt: 1, Text: "hidden", Sensitive: true})
	r.Tell(pawl.Piece{Run: "r", Key: "secret", Attempt: 1, End: true, Sensitive: true})
	<-l.Ready()
	wantSaid(t, l.Take(), "a1:one ", "a1:two ")
	end(r, "a")
	end(r, "never began")
	tell(r, "b", "three ", "four ")

	late := r.Listen("r")
	<-late.Ready()
	wantSaid(t, late.Take(), "b1:three four ")
	tell(r, "b", "five")
	end(r, "b")
	<-late.Ready()
	wantSaid(t, late.Take(), "b1:five", "b1:(end)")
	wantSaid(t, l.Take(), "a1:(end)", "b1:three ", "b1:four ", "b1:five", "b1:(end)")

	late.Close()
	tell(r, "c", "six")
	wantSaid(t, late.Take())
	wantSaid(t, l.Take(), "c1:six")
	r.Close()
	tell(r, "c", "seven")
	wantSaid(t, l.Take())
	wantSaid(t, r.Listen("r").Take())
}

// One who does not take what comes loses pieces, and gets whole texts then. What waits
// for it has a bound.
func TestSlowListener(t *testing.T) {
	r := New("", nil)
	defer r.Close()
	l := r.Listen("r")
	tell(r, "a", "begins ")
	tell(r, "b", "begins ")
	wantSaid(t, l.Take(), "a1:begins ", "b1:begins ")
	end(r, "a")
	piece := strings.Repeat("x", 10_000)
	most := 0
	for range 3 * maxBehind / 10_000 {
		tell(r, "b", piece)
		most = max(most, l.behind)
	}
	if most > maxBehind {
		t.Errorf("%d bytes waited", most)
	}
	heard := map[pawl.Key]string{"a": "begins ", "b": "begins "}
	for _, p := range l.Take() {
		if heard[p.Key] += p.Text; p.End {
			delete(heard, p.Key)
		}
	}
	if _, open := heard["a"]; open {
		t.Error("the end of a was lost")
	}
	if want := "begins " + strings.Repeat(piece, 3*maxBehind/10_000); heard["b"] != want {
		t.Errorf("b has %d bytes, wants %d", len(heard["b"]), len(want))
	}
}

// Many tell, listen and leave at once.
func TestRelayAtOnce(t *testing.T) {
	r := New(t.TempDir(), nil)
	var wg sync.WaitGroup
	for i := range 8 {
		key := pawl.Key(fmt.Sprint("s", i))
		wg.Go(func() {
			for range 100 {
				tell(r, key, "x")
			}
			end(r, key)
		})
		wg.Go(func() {
			for range 20 {
				l := r.Listen("r")
				l.Take()
				l.Close()
			}
		})
	}
	wg.Go(r.Close)
	wg.Wait()
	r.Close()
	if len(r.open) > 0 || len(r.listeners) > 0 {
		t.Errorf("left are %d answers, %d listeners", len(r.open), len(r.listeners))
	}
}

// Without a listener a piece costs next to nothing.
func TestTellWithoutListener(t *testing.T) {
	r := New("", nil)
	defer r.Close()
	p := pawl.Piece{Run: "0123456789ab", Key: "sections[3]/draft", Attempt: 1, Text: "word "}
	if n := testing.AllocsPerRun(10_000, func() { r.Tell(p) }); n >= 1 { // the text grows, now and then
		t.Errorf("%v allocations a piece", n)
	}
}

func BenchmarkTell(b *testing.B) {
	for _, listeners := range []int{0, 1} {
		b.Run(fmt.Sprint(listeners), func(b *testing.B) {
			r := New("", nil)
			defer r.Close()
			var all []*Listener
			for range listeners {
				all = append(all, r.Listen("0123456789ab"))
			}
			b.ReportAllocs()
			for i := range b.N {
				r.Tell(pawl.Piece{Run: "0123456789ab", Key: "sections[3]/draft", Attempt: 1, Text: "word ", End: i%500 == 499})
				for _, l := range all {
					l.Take()
				}
			}
		})
	}
}
