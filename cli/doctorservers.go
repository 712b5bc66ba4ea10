package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
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
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true}, // and no proxy
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	models := make([]string, len(d.servers))
	found := make([]bool, len(d.servers))
	var all sync.WaitGroup
	for i, s := range d.servers {
		all.Go(func() {
			var err error
			models[i], err = firstModel(ctx, client, s.address()+"/models")
			found[i] = err == nil
		})
	}
	all.Wait()
	none := true
	for i, s := range d.servers {
		switch {
		case !found[i]:
			continue
		case models[i] == "":
			d.ok("local models", "%s's port answers at %s, and has no model yet", s.name, s.address())
		default:
			d.ok("local models", "%s's port answers at %s, with %s", s.name, s.address(), cut(plain(models[i]), 80))
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

// firstModel returns the first model that a server lists; empty: it has none.
// Other programs use such ports too: what is no list of models is an error.
func firstModel(ctx context.Context, client *http.Client, address string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var list struct {
		Object string `json:"object"`
		Data   []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if resp.StatusCode != http.StatusOK {
		return "", errors.New(resp.Status)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&list); err != nil {
		return "", err
	}
	if len(list.Data) == 0 {
		if list.Object != "list" {
			return "", errors.New("not a list of models")
		}
		return "", nil
	}
	return list.Data[0].ID, nil
}
