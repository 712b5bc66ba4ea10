package view

import (
	"context"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
)

// Selection is what a list is to hold.
type Selection struct {
	// Its Limit is how many are listed, and its Text stands in what is shown, too: in the
	// id, model, reason or input.
	pawl.RunFilter

	// Bare leaves out what would have to be masked, unless Text asks for it: it reads no
	// history.
	Bare bool
}

// Select returns the runs of a selection, the newest first, and how many there are
// without the limit. To search for a text it reads how each run with it began.
func (v *View) Select(ctx context.Context, s Selection) (list []Listed, all int, err error) {
	runs, all, err := v.selected(ctx, s)
	if err != nil {
		return nil, 0, err
	}
	list = []Listed{}
	if s.Bare && s.Text == "" {
		for _, r := range runs {
			r.Reason = ""
			list = append(list, Listed{RunSummary: r})
		}
		return list, all, nil
	}
	if s.Text == "" {
		list, err = v.listed(ctx, runs)
		return list, all, err
	}
	all = 0
	for part := range slices.Chunk(runs, 500) {
		found, err := v.listed(ctx, part)
		if err != nil {
			return nil, 0, err
		}
		for _, r := range found {
			if !r.has(s.Text) {
				continue
			}
			if all++; s.Limit <= 0 || all <= s.Limit {
				list = append(list, r)
			}
		}
	}
	return list, all, nil
}

// selected are the runs that their summaries let through: no more are read than the limit
// says, and if there are more these are counted.
func (v *View) selected(ctx context.Context, s Selection) ([]pawl.RunSummary, int, error) {
	f := s.RunFilter
	switch {
	case s.Text != "":
		f.Limit = 0
	case f.Limit > 0:
		f.Limit++
	}
	runs, err := v.engine.List(ctx, f)
	if err != nil {
		return nil, 0, err
	}
	all := len(runs)
	if s.Text != "" || s.Limit <= 0 || all <= s.Limit {
		return runs, all, nil
	}
	f.Limit = 0
	every, err := v.engine.List(ctx, f)
	if err != nil {
		return nil, 0, err
	}
	return runs[:s.Limit], max(all, len(every)), nil
}

// has reports whether a text stands in what is shown of a run.
func (r Listed) has(text string) bool {
	text = strings.ToLower(text)
	for _, in := range []string{string(r.ID), r.Model, r.Reason, r.About, string(r.Input)} {
		if strings.Contains(strings.ToLower(in), text) {
			return true
		}
	}
	return false
}
