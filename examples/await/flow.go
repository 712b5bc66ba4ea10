package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/pawlrun/pawl"
)

// Order is what somebody buys.
type Order struct {
	Item  string `json:"item" pawl:"len=1..80"`
	Cents int    `json:"cents" pawl:"min=1"`
}

// Payment is what the payment provider tells of.
type Payment struct {
	Cents int    `json:"cents" pawl:"min=1"`
	Card  string `json:"card,omitempty" pawl:"sensitive"`
}

// Charge is a payment to come, as it is registered at the provider.
type Charge struct {
	Cents   int    `json:"cents"`
	Webhook string `json:"webhook"` // is told when it is paid
}

// newOrder makes the flow of an order. charge registers a charge, whose webhook it is
// given as the address of the flow's callback.
func newOrder(charge func(context.Context, Charge) (string, error)) *pawl.FlowOf[Order, string] {
	return pawl.New("order", "Sell something.", func(r *pawl.Run, in Order) (string, error) {
		// The address is known before the event is awaited: the provider may be faster.
		pawl.Do(r, "charge", Charge{Cents: in.Cents, Webhook: r.Callback("paid")}, charge)
		paid, err := pawl.TryAwait[Payment](r, "paid", pawl.For(24*time.Hour))
		switch {
		case errors.Is(err, pawl.ErrExpired):
			return "canceled: nobody paid for " + in.Item, nil
		case err != nil:
			return "", err
		case paid.Cents < in.Cents:
			return fmt.Sprintf("canceled: %d cents are not enough", paid.Cents), nil
		}
		return "shipped " + in.Item, nil
	})
}

// provider is the payment provider's API.
type provider struct {
	url    string
	public string // where this program's webhook is to be reached
}

// charge registers a charge, once: the key is the same when it is tried again.
func (p provider) charge(ctx context.Context, c Charge) (string, error) {
	c.Webhook = p.public + "/payments/" + c.Webhook
	body, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, "POST", p.url+"/charges", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Idempotency-Key", pawl.IdempotencyKey(ctx))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the provider answers %s", resp.Status)
	}
	return "registered", nil
}
