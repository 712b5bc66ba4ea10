package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

var order = Order{Order: "17", Card: "4242", Mail: "ada@example.com", Cents: 4005}

// A trial is a Bank that has troubles first, one for each call.
type trial struct {
	Bank
	charge []error // before the money is taken
	lost   []error // after it was
	mail   []error
	keys   []string // of all that was asked
	hangs  bool     // once, with the money taken, until the process ends
}

func next(errs *[]error) (err error) {
	if len(*errs) > 0 {
		err, *errs = (*errs)[0], (*errs)[1:]
	}
	return err
}

func (b *trial) Charge(ctx context.Context, key string, o Order) (string, error) {
	b.keys = append(b.keys, key)
	if err := next(&b.charge); err != nil {
		return "", err
	}
	id, err := b.Bank.Charge(ctx, key, o)
	if b.hangs {
		b.hangs = false
		<-ctx.Done()
		return "", ctx.Err()
	}
	return id, errors.Join(err, next(&b.lost))
}

func (b *trial) Send(ctx context.Context, key string, r Receipt) error {
	if err := next(&b.mail); err != nil {
		return err
	}
	return b.Bank.Send(ctx, key, r)
}

// none is no model: the flow asks none.
var none = pawltest.Script{}

func TestPaidAndMailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bank, begin := &trial{}, time.Now()
		ran := pawltest.Run(t, NewFlow(bank, bank), order, none).Done()
		if len(bank.payments) != 1 || len(bank.mails) != 1 || ran.Out.ID != "pay-1" {
			t.Fatalf("%d payments, %d mails, output %+v", len(bank.payments), len(bank.mails), ran.Out)
		}
		if want := "Order 17: 40.05 €, payment pay-1"; bank.mails[0].Text != want {
			t.Errorf("mails %q, want %q", bank.mails[0].Text, want)
		}
		if d := time.Since(begin); d < regret {
			t.Errorf("mailed after %v", d)
		}
	})
}

func TestDeclined(t *testing.T) {
	bank, declined := &trial{}, order
	declined.Card = "4000"
	ran := pawltest.Run(t, NewFlow(bank, bank), declined, none).Done()
	if ran.Out.Declined == "" || len(bank.mails) != 0 || len(bank.keys) != 1 {
		t.Errorf("ends with %+v after %d calls, %d mails", ran.Out, len(bank.keys), len(bank.mails))
	}
	if len(ran.Notes) != 1 || !strings.Contains(ran.Notes[0], "is not paid") {
		t.Errorf("notes %q", ran.Notes)
	}
}

func TestABusyServiceIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Twice it is busy, and once it is only the answer that gets lost.
		bank := &trial{charge: []error{ErrBusy, ErrBusy}, lost: []error{ErrBusy}}
		pawltest.Run(t, NewFlow(bank, bank), order, none).Done()
		if len(bank.keys) != 4 || len(bank.payments) != 1 {
			t.Errorf("%d payments in %d calls, want 1 in 4", len(bank.payments), len(bank.keys))
		}
		for _, key := range bank.keys {
			if key == "" || key != bank.keys[0] {
				t.Errorf("keys %q, want one and the same", bank.keys)
			}
		}
	})
}

func TestAServiceThatStaysBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bank := &trial{charge: []error{ErrBusy, ErrBusy, ErrBusy, ErrBusy, ErrBusy}}
		ran := pawltest.Run(t, NewFlow(bank, bank), order, none)
		ran.Failed("charge", pawl.ErrTransient, "busy")
		ran.Retry("charge").Done()
		if len(bank.payments) != 1 {
			t.Errorf("%d payments", len(bank.payments))
		}
	})
}

// The process ends between the payment and the mail; another one goes on.
func TestARestartChargesNothingAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bank := &trial{mail: []error{errors.New("no such host")}}
		ran := pawltest.Run(t, NewFlow(bank, bank), order, none)
		ran.Failed("receipt", pawl.ErrStep, "no such host")
		ran.Restart(NewFlow(bank, bank)).Resume().Done()
		if len(bank.keys) != 1 || len(bank.mails) != 1 {
			t.Errorf("charged in %d calls, mailed %d times", len(bank.keys), len(bank.mails))
		}
	})
}

// A process ends while the payment is under way, the next one in the hour's sleep,
// and the third comes to the end. Each is an engine of its own on the one journal.
func TestTheProcessEndsTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bank, db := &trial{hangs: true}, journal.NewMemory()
		flow := NewFlow(bank, bank)
		process := func() *local.Engine {
			return local.New(&local.Options{Journal: db, Models: llm.Catalog{"offline": offline.Model{}}, Model: "offline", Flows: []pawl.Flow{flow}})
		}
		killed, cancel := context.WithCancel(t.Context())
		cancel()

		first := process()
		run, err := pawl.Start(t.Context(), first, flow, order, nil)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // the money is taken, the answer is not there
		first.Close(killed)

		second := process()
		go second.Work(t.Context(), nil)
		time.Sleep(regret / 2) // of the bubble's time
		second.Close(killed)
		if len(bank.mails) != 0 {
			t.Error("mailed before the hour is over")
		}

		third := process()
		go third.Work(t.Context(), nil)
		time.Sleep(regret)
		paid, err := flow.Handle(third, run.ID()).Result(t.Context())
		if err != nil || paid.ID != "pay-1" {
			t.Errorf("ends with %+v, %v", paid, err)
		}
		third.Close(t.Context())
		if len(bank.payments) != 1 || len(bank.keys) != 2 || len(bank.mails) != 1 {
			t.Errorf("%d payments in %d calls, %d mails", len(bank.payments), len(bank.keys), len(bank.mails))
		}
	})
}
