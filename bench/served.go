package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/client"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/server"
)

// site is a server on a socket, over an engine that takes runs up.
type site struct {
	engine
	*client.Client
	server *server.Server
	addr   string

	end           func()
	served, works chan error
}

// siteToken lets in whoever measures.
const siteToken = "bench"

// openSite serves these flows from a directory.
func openSite(ctx context.Context, dir string, flows ...pawl.Flow) (*site, error) {
	db, err := sqlite.Open(ctx, dir, nil)
	if err != nil {
		return nil, err
	}
	s := &site{engine: engine{local.New(&local.Options{Journal: db, Models: llm.Catalog{"offline": offline.Model{}}, Flows: flows, Model: "offline?latency=200ms"}), db}, served: make(chan error, 1), works: make(chan error, 1)}
	s.server = server.New(&server.Options{
		Engine: s.Engine, Journal: db, Flows: flows, Rate: -1, Streams: 4096, Ticket: siteToken,
		Visitor: server.Actor{Name: "bench", Role: server.RoleOperator},
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.addr = l.Addr().String()
	s.Client = client.New("http://"+s.addr, siteToken)
	open, shut := context.WithCancel(ctx)
	working, stop := context.WithCancel(ctx)
	s.end = func() { shut(); stop() }
	go func() { s.served <- s.server.Serve(open, l) }()
	ready := make(chan struct{})
	go func() { s.works <- s.Work(working, &local.WorkOptions{Ready: func() { close(ready) }}) }()
	<-ready
	return s, nil
}

func (s *site) close(ctx context.Context) error {
	s.server.Close()
	s.end()
	err := <-s.served
	s.engine.Close(ctx)
	if worked := <-s.works; !errors.Is(worked, context.Canceled) {
		err = errors.Join(err, worked)
	}
	return errors.Join(err, s.db.Close())
}

// begin starts a run of n steps.
func (s *site) begin(ctx context.Context, flow string, n int) (pawl.RunID, error) {
	input, err := json.Marshal(size{n})
	if err != nil {
		return "", err
	}
	rec, err := s.Client.Start(ctx, client.Start{Flow: flow, Input: input})
	return rec.ID, err
}

// ends follows a run to its end.
func (s *site) ends(ctx context.Context, id pawl.RunID) error {
	for _, err := range s.Follow(ctx, id, 0) {
		if err != nil {
			return err
		}
	}
	rec, err := s.Run(ctx, id)
	if err == nil && rec.Status != pawl.StatusDone {
		err = fmt.Errorf("run %s is %s (%s)", id, rec.Status, rec.Reason)
	}
	return err
}

// runOverHTTP measures a run of one step from the request that starts it until who follows
// it hears that it is done. Rounds alternate with the same by the engine alone.
func runOverHTTP(ctx context.Context, p place) ([]figure, error) {
	s, err := openSite(ctx, filepath.Join(p.dir, "data"), chain)
	if err != nil {
		return nil, err
	}
	const n = 20
	var over, alone []float64
	for range p.rounds(10) {
		for range n {
			begin := time.Now()
			id, err := s.begin(ctx, "chain", 1)
			if err == nil {
				err = s.ends(ctx, id)
			}
			if err != nil {
				return nil, errors.Join(err, s.close(ctx))
			}
			over = append(over, milliseconds(time.Since(begin)))
			_, took, err := run(ctx, s.engine, chain, size{1})
			if err != nil {
				return nil, errors.Join(err, s.close(ctx))
			}
			alone = append(alone, milliseconds(took))
		}
	}
	return []figure{
		{What: "a run of one step over HTTP, start to done", Value: median(over), Unit: "ms", AtMost: 20, Durability: fullSync},
		{What: "the same by the engine alone", Value: median(alone), Unit: "ms", Durability: fullSync},
	}, s.close(ctx)
}

// listen opens a stream, and has take called with each line of it until it ends.
func (s *site) listen(ctx context.Context, path string, take func(line []byte)) (ended chan struct{}, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.addr+"/api/v1"+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+siteToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, fmt.Errorf("%s: %s", path, resp.Status)
	}
	ended = make(chan struct{})
	go func() {
		defer close(ended)
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() {
			take(lines.Bytes())
		}
	}()
	return ended, nil
}
