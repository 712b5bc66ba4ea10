package batch_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/batch"
)

// What the vendor says in passing costs no batch: that it does not know it, or who asks; nor
// does an answer to its sending that is lost, with the way to the vendor for a while.
func TestFaultsCostNoBatch(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		for _, tt := range []struct {
			name string
			get  func(n int64) int // the status of the n-th GET; 0: as it is; -1: no way
			post bool              // its answer is lost
		}{
			{"not known at first", func(n int64) int { return map[bool]int{true: 404}[n <= 3] }, false},
			{"the key was changed", func(n int64) int { return map[bool]int{true: 401}[n <= 3] }, false},
			{"lost, and no way", func(n int64) int { return map[bool]int{true: -1}[n <= 3] }, true},
		} {
			t.Run(tt.name, func(t *testing.T) {
				d := newDesk(t, v)
				var gets atomic.Int64
				_, m := d.open(func(o *batch.Options) {
					together(3)(o)
					o.Settle = time.Hour
					o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
						batches := strings.HasSuffix(r.URL.Path, "/batches")
						if status := 0; r.Method == http.MethodGet {
							if status = tt.get(gets.Add(1)); status < 0 {
								return nil, errors.New("no route")
							} else if status > 0 {
								return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(`{"error":{"message":"so"}}`)), Header: http.Header{}, Request: r}, nil
							}
						}
						res, err := http.DefaultTransport.RoundTrip(r)
						if r.Method == http.MethodPost && batches && tt.post && err == nil {
							res.Body.Close()
							return nil, errors.New("connection reset")
						}
						return res, err
					})
				})
				outcomes, done := v.askAll(t.Context(), m, 3)
				<-done
				d.once(outcomes, 3)
			})
		}
	})
}

// Where there is no way to the vendor, nothing was sent, and who asks is told at once.
func TestNoWay(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		d := newDesk(t, v)
		b, _ := d.open(func(o *batch.Options) { o.Settle = time.Hour })
		m := b.Model(v.model("http://127.0.0.1:1/v1", b.Client())) // a port where nobody listens
		_, err := m.Generate(t.Context(), v.question(1), nil)
		var known *llm.Error
		if !errors.As(err, &known) || known.Kind != llm.Network {
			t.Errorf("%v, want %s", err, llm.Network)
		}
	})
}

// What belongs to a batch is sent where its requests would be.
func TestAddressWithASlashThatIsNone(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		d := newDesk(t, v)
		asked := make(chan string, 1)
		b, _ := d.open(func(o *batch.Options) {
			together(1)(o)
			o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				select {
				case asked <- r.URL.EscapedPath():
				default:
				}
				return nil, errors.New("no route")
			})
		})
		m := b.Model(v.model("http://gate.test/a%2Fb/v1", b.Client()))
		ctx, cancel := context.WithCancel(t.Context())
		answered := make(chan error, 1)
		go func() {
			_, err := m.Generate(ctx, v.question(1), nil)
			answered <- err
		}()
		defer func() {
			cancel()
			if <-answered == nil {
				t.Error("there is an answer")
			}
		}()
		if path := <-asked; !strings.HasPrefix(path, "/a%2Fb/v1/") {
			t.Errorf("asked %s", path)
		}
	})
}

// Lines that are no answers cost none of the others, and what nobody asked for is dropped.
func TestBrokenLines(t *testing.T) {
	v := vendors[0]
	d := newDesk(t, v)
	_, m := d.open(func(o *batch.Options) {
		together(3)(o)
		o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			res, err := http.DefaultTransport.RoundTrip(r)
			if err == nil && strings.HasSuffix(r.URL.Path, "/content") {
				body, _ := io.ReadAll(res.Body)
				res.Body.Close()
				lines := strings.SplitAfter(string(body), "\n")
				lines[0] = "{\"custom_id\": broken\n{\"custom_id\":\"stranger\",\"response\":{\"status_code\":200,\"body\":{}}}\n{}\n"
				res.Body, res.ContentLength = io.NopCloser(strings.NewReader(strings.Join(lines, ""))), -1
			}
			return res, err
		})
	})
	outcomes, done := v.askAll(t.Context(), m, 3)
	<-done
	good := 0
	for _, o := range outcomes {
		var known *llm.Error
		if o.err == nil {
			good++
		} else if !errors.As(o.err, &known) || known.Kind != llm.Overloaded {
			t.Error(o.err)
		}
	}
	if good != 2 {
		t.Errorf("%d answers of the 2 whose lines are whole", good)
	}
}

// Who asks without saying for whom gets an answer of their own each time.
func TestNobodysRequest(t *testing.T) {
	v := vendors[0]
	d := newDesk(t, v)
	_, m := d.open(together(1))
	for range 2 {
		req := v.question(1)
		req.Meta = llm.Meta{}
		if _, err := m.Generate(t.Context(), req, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(d.backend.Calls()); n != 2 {
		t.Errorf("%d calls for two requests", n)
	}
}
