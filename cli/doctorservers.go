package cli

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/pawlrun/pawl/cli/internal/term"
)

// localServer is a program that serves models, and its usual port on 127.0.0.1.
type localServer struct {
	name string
	port int
}

func localServers() []localServer {
	return []localServer{{"Ollama", 11434}, {"LM Studio", 1234}, {"vLLM", 8000}, {"llama.cpp", 8080}}
}

const localTimeout = 300 * time.Millisecond

// local looks for model servers on this machine, all at once. That there is none
// is no problem.
func (d *doctor) local(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, localTimeout)
	defer cancel()
	client := newLister()
	client.Transport = &http.Transport{DisableKeepAlives: true} // and no proxy
	models := make([][]string, len(d.servers))
	found := make([]bool, len(d.servers))
	var all sync.WaitGroup
	for i, s := range d.servers {
		all.Go(func() {
			var err error
			models[i], err = listModels(ctx, client, s.address(), "")
			found[i] = err == nil
		})
	}
	all.Wait()
	none := true
	for i, s := range d.servers {
		switch {
		case !found[i]:
			continue
		case len(models[i]) == 0:
			d.ok("local models", "%s's port answers at %s, and has no model yet", s.name, s.address())
		default:
			d.ok("local models", "%s's port answers at %s, with %s", s.name, s.address(), term.Cut(term.Plain(models[i][0]), 80))
		}
		none = false
	}
	if none {
		d.ok("local models", "no server found on this machine")
	}
}

func (s localServer) address() string {
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) + "/v1"
}
