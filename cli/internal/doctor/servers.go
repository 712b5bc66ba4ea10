package doctor

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/pawlrun/pawl/llm"
)

const localTimeout = 300 * time.Millisecond

// FindServers looks for the programs on this machine that the providers know, all
// at once. That there is none is no problem.
func (r *Report) FindServers(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(r.Patience, localTimeout))
	defer cancel()
	type found struct {
		server llm.Server
		models []string
		err    error
	}
	var list []*found
	var all sync.WaitGroup
	for _, p := range r.Providers {
		if p.Probe == nil {
			continue
		}
		for _, s := range p.Servers {
			f := &found{server: s}
			list = append(list, f)
			all.Go(func() { f.models, f.err = p.Probe(ctx, settingsOf(p, s)) })
		}
	}
	all.Wait()
	const check = "local models"
	none := true
	for _, f := range list {
		switch {
		case f.err != nil:
			continue
		case len(f.models) == 0:
			r.AddOK(check, "%s's port answers at %s, and has no model yet", f.server.Name, f.server.Address)
		default:
			r.AddOK(check, "%s's port answers at %s, with %s", f.server.Name, f.server.Address, modelName(f.models[0]))
		}
		none = false
	}
	if none {
		r.AddOK(check, "no server found at the usual ports of this machine")
	}
}

// settingsOf are the settings with which a provider asks a server, and no other:
// what a person has set is not for it.
func settingsOf(p llm.Provider, server llm.Server) func(string) string {
	return func(name string) string {
		for _, s := range p.Settings {
			if s.Address && s.Name == name {
				return server.Address
			}
		}
		return ""
	}
}
