package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
)

// newLister is a client for listModels. A redirect is no list: it could carry the
// key elsewhere.
func newLister() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// listModels returns the models that the server at a base URL lists. Without a key
// none is sent. Other programs use such addresses too: what is no list of models
// is an error. Errors do not hold the address, which may have a password in it.
func listModels(ctx context.Context, client *http.Client, base, key string) ([]string, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, errors.New("not an address")
	}
	u = u.JoinPath("models")
	u.RawQuery = "" // as in calls
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, errors.New("not an address")
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	req.Close = true // one request is all
	resp, err := client.Do(req)
	if err != nil {
		if sent := (*url.Error)(nil); errors.As(err, &sent) {
			err = sent.Err
		}
		return nil, err
	}
	defer resp.Body.Close()
	var list struct {
		Object string `json:"object"`
		Data   []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New(resp.Status)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&list); err != nil {
		return nil, errors.New("not a list of models")
	}
	if len(list.Data) == 0 && list.Object != "list" {
		return nil, errors.New("not a list of models")
	}
	models := make([]string, len(list.Data))
	for i, m := range list.Data {
		models[i] = m.ID
	}
	return models, nil
}
