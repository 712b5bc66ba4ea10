package batch

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"github.com/pawlrun/pawl/llm"
)

// transport makes items of an adapter's requests.
type transport struct{ b *Box }

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	of, ok := req.Context().Value(attemptKey{}).(llm.Meta)
	if !ok {
		return t.b.o.Transport.RoundTrip(req)
	}
	if req.Body != nil {
		defer req.Body.Close()
	}
	r, err := newRequest(req, of)
	if err != nil {
		return nil, err
	}
	it, err := t.b.ask(r)
	if err != nil {
		return nil, err
	}
	defer t.b.leave(r, it)
	select {
	case <-it.done:
		if it.err != nil {
			return nil, it.err
		}
		return it.answer.response(req), nil
	case <-req.Context().Done():
		return nil, req.Context().Err()
	case <-t.b.ctx.Done():
		return nil, errClosed
	}
}

// item is a request that somebody waits for.
type item struct {
	*request
	waiters int
	sent    bool

	done   chan struct{} // closed when answer or err is there
	answer answer
	err    error
}

func (it *item) end(a answer, err error) {
	it.answer, it.err = a, err
	close(it.done)
}

// size is about what an item takes of a batch, in bytes.
func (it *item) size() int { return len(it.body) + 200 }

// gathering are the requests of the next batch of a group.
type gathering struct {
	items []*item
	bytes int
	begun time.Time
	timer *time.Timer
}

// maxBytes is how large a batch may be, below what vendors take (200 MB and 256 MB).
const maxBytes = 100 << 20

// ask makes an item of a request, or finds the one that is there already.
func (b *Box) ask(r *request) (*item, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ctx.Err() != nil {
		return nil, errClosed
	}
	if it := b.items[r.name]; it != nil {
		it.waiters++
		return it, nil
	}
	it := &item{request: r, waiters: 1, done: make(chan struct{})}
	sent, err := b.ledger.find(r.name)
	if err != nil {
		return nil, err
	}
	if sent != nil {
		if a, err := sent.answerTo(r.name); a != nil || err != nil {
			if err == nil {
				it.end(*a, nil)
			}
			return it, err
		}
		it.sent = true
		b.items[r.name] = it
		b.lookAfter(sent, r)
		return it, nil
	}
	b.items[r.name] = it
	b.gather(it)
	return it, nil
}

// gather adds an item to the next batch of its group. It is called with mu held.
func (b *Box) gather(it *item) {
	g := b.groups[it.group]
	if g == nil {
		g = &gathering{begun: time.Now()}
		b.groups[it.group] = g
		of := it.group
		g.timer = time.AfterFunc(b.o.Gather, func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			if b.groups[of] == g {
				b.send(of)
			}
		})
	} else {
		g.timer.Reset(min(b.o.Gather, 10*b.o.Gather-time.Since(g.begun)))
	}
	g.items, g.bytes = append(g.items, it), g.bytes+it.size()
	if len(g.items) >= b.o.Most || g.bytes >= maxBytes {
		b.send(it.group)
	}
}

// leave is called by who does not wait for an item any more.
func (b *Box) leave(r *request, it *item) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if it.waiters--; it.waiters > 0 {
		return
	}
	if b.items[r.name] == it {
		delete(b.items, r.name)
	}
	g := b.groups[it.group]
	if it.sent || g == nil {
		return
	}
	for i := range g.items {
		if g.items[i] == it {
			g.items, g.bytes = append(g.items[:i], g.items[i+1:]...), g.bytes-it.size()
			break
		}
	}
}

// call is one request to the vendor's API for batches.
func (b *Box) call(ctx context.Context, r *request, method, path string, contentType string, body []byte) (*http.Response, error) {
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, r.at(path), content)
	if err != nil {
		return nil, err
	}
	req.Header = r.header.Clone()
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := b.o.Transport.RoundTrip(req)
	if err != nil {
		return nil, &unreached{err}
	}
	return res, nil
}

// unreached is an error of the way to the vendor.
type unreached struct{ error }

func (u *unreached) Unwrap() error { return u.error }
