package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
	"github.com/pawlrun/pawl/llm"
)

// desk is a program of its own whose flows ask people.
func desk() { cli.Main(notice, form, guests, pair, busy, vault, broken, lenient, pets, order, sale) }

type deskInput struct {
	Topic string `json:"topic" jsonschema:"what it is about" pawl:"len=1..80,default=tides"`
}

type leaflet struct {
	Title    string    `json:"title" jsonschema:"of the leaflet" pawl:"len=1..20"`
	Sections []section `json:"sections" pawl:"items=1..5"`
}

type section struct {
	Name  string `json:"name"`
	Words int    `json:"words" pawl:"min=1"`
}

func (l *leaflet) Validate() error {
	for i, s := range l.Sections {
		if s.Words > 100 {
			return fmt.Errorf("sections[%d].words: is %d, and a leaflet has room for 100", i, s.Words)
		}
	}
	return nil
}

// notice puts a leaflet before the editor; revise asks once more.
var notice = pawl.New("notice", "Print a leaflet.", func(r *pawl.Run, in deskInput) (string, error) {
	made := pawl.Do(r, "draft", in, func(_ context.Context, in deskInput) (leaflet, error) {
		return leaflet{Title: in.Topic, Sections: []section{{"Opening", 40}, {"Closing", 20}}}, nil
	})
	a := pawl.Approve(r, "publish", made, "Publish this leaflet?", pawl.Who("the editor"), pawl.Reasons("drop", "revise"))
	if !a.Approved && a.Reason == "revise" {
		a = pawl.Approve(r, "publish", made, "Publish it now?", pawl.Who("the editor"))
	}
	if err := a.Err(); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, %d sections, by %s", a.Value.Title, len(a.Value.Sections), a.Who), nil
})

// form asks for a text, then for a number.
var form = pawl.New("form", "Fill in a form.", func(r *pawl.Run, in deskInput) (string, error) {
	day := pawl.Input[string](r, "day", "Which day?")
	n := pawl.Input[int](r, "people", "How many people?", pawl.Who("the host"))
	return fmt.Sprintf("%s for %d", day, n), nil
})

// guests asks for what need not be there.
var guests = pawl.New("guests", "Count the guests.", func(r *pawl.Run, in deskInput) (string, error) {
	if n := pawl.Input[*int](r, "guests", "How many guests, if any?"); n != nil {
		return fmt.Sprint(*n), nil
	}
	return "nobody", nil
})

// pair asks two things at once.
var pair = pawl.New("pair", "Ask two people.", func(r *pawl.Run, in deskInput) (string, error) {
	var left, right pawl.Approval[string]
	pawl.Parallel(r, "ask",
		pawl.Go("left", func(r *pawl.Run) error {
			left = pawl.Approve(r, "ok", "# Left\n\nthe left side of "+in.Topic, "Is the left side right?")
			return nil
		}),
		pawl.Go("right", func(r *pawl.Run) error {
			right = pawl.Approve(r, "ok", "the right side", "Is the right side right?")
			return nil
		}))
	return left.Value + " and " + right.Value, nil
})

// busy asks a person while a model is asked.
var busy = pawl.New("busy", "Ask a person and a model.", func(r *pawl.Run, in deskInput) (string, error) {
	var a pawl.Approval[string]
	var text string
	pawl.Parallel(r, "both",
		pawl.Go("person", func(r *pawl.Run) error {
			a = pawl.Approve(r, "ok", in.Topic, "Is this the topic?")
			return nil
		}),
		pawl.Go("model", func(r *pawl.Run) error {
			text = pawl.Ask(r, "say", pawl.Messages[string]("Saying it", llm.User("Topic: "+in.Topic)))
			return nil
		}))
	return a.Who + " says: " + text, nil
})

type secretNote struct {
	Pin  string `json:"pin" pawl:"sensitive"`
	Text string `json:"text"`
}

// vault proposes what must not be shown.
var vault = pawl.New("vault", "Open a vault.", func(r *pawl.Run, in deskInput) (string, error) {
	a := pawl.Approve(r, "open", secretNote{Pin: "walrus-4711", Text: in.Topic}, "Open the vault?")
	if err := a.Err(); err != nil {
		return "", err
	}
	return "opened for " + a.Value.Text + fmt.Sprint(len(a.Value.Pin)), nil
})

// broken has a step that cannot finish by itself.
var broken = pawl.New("broken", "Fail at a step.", func(r *pawl.Run, in deskInput) (string, error) {
	made := pawl.Do(r, "draft", in, func(context.Context, deskInput) (leaflet, error) {
		return leaflet{}, errors.New("the press is out of ink")
	})
	return made.Title, nil
})

// lenient goes on without what two steps could have said.
var lenient = pawl.New("lenient", "Ask in vain.", func(r *pawl.Run, in deskInput) (string, error) {
	said := ""
	for _, res := range pawl.TryMap(r, "items", []string{"tides", "moons"}, func(r *pawl.Run, item string) (string, error) {
		return pawl.Ask(r, "say", pawl.Messages[string]("Saying it", llm.User("Topic: "+item))), nil
	}, pawl.Limit(1)) {
		said += fmt.Sprint(res.Err == nil, " ")
	}
	return said, nil
})

// pets rates the pets of $PETS, which stands for code that changes under a run, pays
// for each and asks a person.
var pets = pawl.New("pets", "Rate pets.", func(r *pawl.Run, in deskInput) (string, error) {
	rated := pawl.Map(r, "pets", strings.Fields(os.Getenv("PETS")), func(r *pawl.Run, pet string) (string, error) {
		rate := pawl.Ask(r, "rate", pawl.Messages[string]("Rating", llm.User("Topic: "+pet)))
		return pet + ": " + rate, nil
	})
	paid := pawl.Do(r, "pay", len(rated), func(ctx context.Context, n int) (string, error) {
		_, key, _ := strings.Cut(pawl.IdempotencyKey(ctx), "/")
		return fmt.Sprint(n, " paid as ", key), nil
	})
	a := pawl.Approve(r, "fine", paid, "Is it fine?")
	return a.Value, a.Err()
})

type cardPayment struct {
	Card   string `json:"card" pawl:"sensitive"`
	Amount int    `json:"amount" pawl:"min=1"`
}

// order waits for a payment, which a program tells of.
var order = pawl.New("order", "Sell something.", func(r *pawl.Run, in deskInput) (string, error) {
	pawl.Do(r, "register", r.Callback("paid"), func(_ context.Context, address string) (string, error) { return address, nil })
	p, err := pawl.TryAwait[cardPayment](r, "paid", pawl.For(24*time.Hour))
	return fmt.Sprint(p.Amount), err
})

// sale waits for a payment, and beside it for somebody else than who started it.
var sale = pawl.New("sale", "Sell with two people.", func(r *pawl.Run, in deskInput) (string, error) {
	var paid int
	var who string
	pawl.Parallel(r, "both",
		pawl.Go("money", func(r *pawl.Run) error { paid = pawl.Await[int](r, "paid"); return nil }),
		pawl.Go("people", func(r *pawl.Run) error {
			who = pawl.Approve(r, "ok", in.Topic, "Sell it?", pawl.NotBy(r.Who())).Who
			return nil
		}))
	return fmt.Sprint(paid, " by ", who), nil
})
