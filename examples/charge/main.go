// Command charge takes money once: it charges a card with an idempotency key, waits
// an hour in which the order may still be canceled, and mails a receipt. A payment
// service that is busy is asked again; a card that is declined is a value, and the
// flow says what follows. Whatever ends the process, nobody pays twice.
//
//	go run ./examples/charge run charge --order 17 --card 4242 --mail ada@example.com --cents 4000
package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
)

// Order is what is to be paid.
type Order struct {
	Order string `json:"order" jsonschema:"the order's number" pawl:"len=1..40"`
	Card  string `json:"card" jsonschema:"the token of the card" pawl:"len=1..40"`
	Mail  string `json:"mail" jsonschema:"where the receipt goes" pawl:"len=3..200"`
	Cents int    `json:"cents" jsonschema:"how much, in cents" pawl:"min=1,max=1000000"`
}

// Payment is what came of a charge: an ID, or why the card was declined.
type Payment struct {
	ID       string `json:"id"`
	Declined string `json:"declined"`
}

// Receipt is what is mailed.
type Receipt struct {
	Mail string `json:"mail"`
	Text string `json:"text"`
}

// Service takes money. A second request with the same key is answered like the
// first one, and takes nothing.
type Service interface {
	Charge(ctx context.Context, key string, o Order) (id string, err error)
}

// Mailer sends mail.
type Mailer interface {
	Send(ctx context.Context, key string, r Receipt) error
}

// What a Service may say.
var (
	ErrBusy     = errors.New("the payment service is busy")
	ErrDeclined = errors.New("the card is declined")
)

const regret = time.Hour // in which the order may be canceled

// NewFlow makes the flow on a payment service and a mailer.
func NewFlow(pay Service, mail Mailer) *pawl.FlowOf[Order, Payment] {
	take := func(ctx context.Context, o Order) (Payment, error) {
		id, err := pay.Charge(ctx, pawl.IdempotencyKey(ctx), o)
		switch {
		case errors.Is(err, ErrDeclined):
			return Payment{Declined: err.Error()}, nil // an answer like any other
		case errors.Is(err, ErrBusy):
			return Payment{}, pawl.Transient(err) // again, after a while
		}
		return Payment{ID: id}, err
	}
	send := func(ctx context.Context, r Receipt) error {
		return mail.Send(ctx, pawl.IdempotencyKey(ctx), r)
	}
	return pawl.New("charge", "Charge a card and mail a receipt.", func(r *pawl.Run, in Order) (Payment, error) {
		paid := pawl.Do(r, "charge", in, take, pawl.Purpose("Charging the card"), pawl.Timeout(30*time.Second))
		if paid.Declined != "" {
			r.Note("order %s is not paid: %s", in.Order, paid.Declined)
			return paid, nil
		}
		pawl.Sleep(r, "regret", regret)
		receipt := Receipt{Mail: in.Mail, Text: fmt.Sprintf("Order %s: %d.%02d €, payment %s", in.Order, in.Cents/100, in.Cents%100, paid.ID)}
		pawl.Exec(r, "receipt", receipt, send, pawl.Purpose("Mailing the receipt"))
		return paid, nil
	}, pawl.Example(Order{Order: "17", Card: "4242", Mail: "ada@example.com", Cents: 4000}))
}

// Bank is a payment service and mailer that needs no network. It declines the
// card 4000 and is fine with all others.
type Bank struct {
	mu       sync.Mutex
	payments map[string]string // by key
	mails    []Receipt
}

// Charge implements Service.
func (b *Bank) Charge(_ context.Context, key string, o Order) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if o.Card == "4000" {
		return "", ErrDeclined
	}
	if b.payments == nil {
		b.payments = map[string]string{}
	}
	if _, again := b.payments[key]; !again {
		b.payments[key] = fmt.Sprintf("pay-%d", len(b.payments)+1)
	}
	return b.payments[key], nil
}

// Send implements Mailer.
func (b *Bank) Send(_ context.Context, _ string, r Receipt) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mails = append(b.mails, r)
	return nil
}

func main() {
	bank := &Bank{}
	cli.Main(NewFlow(bank, bank))
}
