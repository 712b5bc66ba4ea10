package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// topic is the input of a run in a long list.
type topic struct {
	Topic string `json:"topic"`
}

var about = pawl.New("about", "Is about something.", func(*pawl.Run, topic) (string, error) { return "", nil })
var seldom = pawl.New("seldom", "Is about something, too.", func(*pawl.Run, topic) (string, error) { return "", nil })

// longList measures a page of a list of many runs, by what it is filtered by.
func longList(ctx context.Context, p place) ([]figure, error) {
	n := 100_000
	if p.short {
		n = 10_000
	}
	s, err := openSite(ctx, filepath.Join(p.dir, "data"), about, seldom, approved)
	if err != nil {
		return nil, err
	}
	if err := each(n, func(i int) error { return s.addListed(ctx, i, n) }); err != nil {
		return nil, errors.Join(err, s.close(ctx))
	}
	var figures []figure
	for _, q := range []struct {
		what, query string
		want        int
	}{
		{"no filter", "", 50},
		{"a flow that is rare", "flow=seldom", 10},
		{"a status that most have", "status=done", 50},
		{"a status that is rare", "status=failed", 20},
		{"a flow and a status that few have", "flow=about&status=failed", 20},
		{"a text that many have", "search=topic+number", 50},
		{"a text that one has", fmt.Sprintf("search=number+%d+of", n/2), 1},
		{"a text that none has", "search=zanzibar", 0},
		{"a flow, a status and a text", "flow=about&status=done&search=TOPIC", 50},
		{"since a time, and a status", "since=2d&status=failed,waiting", 20},
	} {
		took, err := s.page(ctx, p, "/runs?"+q.query, q.want)
		if err != nil {
			return nil, errors.Join(err, s.close(ctx))
		}
		figures = append(figures, figure{What: fmt.Sprintf("page of %d runs: %s", n, q.what), Value: took, Unit: "ms", AtMost: 50})
	}
	waiting := n / 10
	if err := startAsleep(ctx, s.engine, approved, waiting); err != nil {
		return nil, errors.Join(err, s.close(ctx))
	}
	for _, q := range []struct{ what, query string }{{"no filter", ""}, {"a flow", "&flow=approved"}} {
		took, err := s.page(ctx, p, "/inbox?limit=100"+q.query, 100)
		if err != nil {
			return nil, errors.Join(err, s.close(ctx))
		}
		figures = append(figures, figure{What: fmt.Sprintf("page of an inbox of %d: %s", waiting, q.what), Value: took, Unit: "ms", AtMost: 50})
	}
	return figures, s.close(ctx)
}

// page returns how many milliseconds a page takes that has so many.
func (s *site) page(ctx context.Context, p place, path string, want int) (float64, error) {
	var took []float64
	for range p.rounds(9) {
		begin := time.Now()
		var all []json.RawMessage
		if err := s.Do(ctx, http.MethodGet, path, nil, &all); err != nil {
			return 0, err
		}
		took = append(took, milliseconds(time.Since(begin)))
		if len(all) != want {
			return 0, fmt.Errorf("%s: %d on the page, wants %d", path, len(all), want)
		}
	}
	return median(took), nil
}

// addListed stores run i of n: all but twenty are done, and ten are of another flow.
func (s *site) addListed(ctx context.Context, i, n int) error {
	input, err := json.Marshal(topic{fmt.Sprintf("topic number %d of many, with some words more about it", i)})
	if err != nil {
		return err
	}
	at := pawl.At(time.Now())
	run := journal.NewRun{ID: pawl.NewRunID(), Flow: "about", Model: "offline/", Summary: journal.Summary{Status: pawl.StatusDone}}
	if i%(n/10) == n/20 {
		run.Flow = "seldom"
	}
	last := journal.Draft{Type: pawl.EventDone, At: at, Body: journal.Done{Output: json.RawMessage(`"all that was asked for"`)}}
	if i%(n/20) == n/20-1 {
		run.Summary = journal.Summary{Status: pawl.StatusFailed, Reason: "it was not to be"}
		last = journal.Draft{Type: pawl.EventFailed, At: at, Body: journal.Failed{}}
	}
	created := journal.Draft{Type: pawl.EventCreated, At: at, Body: journal.Created{Flow: run.Flow, Input: input, Model: run.Model}}
	c, err := s.db.Create(ctx, run, []journal.Draft{created})
	if err == nil {
		_, err = s.db.Append(ctx, c, journal.Batch{Drafts: []journal.Draft{last}, Summary: &run.Summary, Release: true})
	}
	return err
}
