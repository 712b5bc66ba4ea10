package wire

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	most "github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/llm"
)

// ListModels returns the names of the models that the server lists, in its words.
// Without a key none is sent, and redirects are not followed: they could carry the
// key elsewhere. Other programs use such addresses too: what is no list of models
// is an error. Errors are *llm.Error and do not hold the address, which may have a
// password in it.
func ListModels(ctx context.Context, o Options) ([]string, error) {
	models, err := listModels(ctx, o)
	if err != nil {
		err.Message = "list of models: " + err.Message
		err.Hint = "check " + o.Names.BaseURL + " and " + o.Names.APIKey
		return nil, err
	}
	return models, nil
}

func listModels(ctx context.Context, o Options) ([]string, *llm.Error) {
	noAddress := &llm.Error{Kind: llm.Invalid, Message: "not an address"}
	u, err := url.Parse(o.BaseURL)
	if err != nil {
		return nil, noAddress
	}
	u = u.JoinPath("models")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, noAddress
	}
	if o.APIKey != "" {
		o.Vendor.Authorize(req.Header, o.APIKey)
	}
	req.Header.Set("User-Agent", agent)
	req.Close = true // one request is all
	resp, err := httpClient(o.HTTPClient).Do(req)
	if err != nil {
		return nil, listError(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, &llm.Error{Kind: kindOf(resp.StatusCode, wireError{}), Message: resp.Status, Status: resp.StatusCode}
	}
	var list struct {
		Object string `json:"object"`
		Data   []struct {
			ID string `json:"id"`
		} `json:"data"`
		Models []struct {
			Name string `json:"name"`
		} `json:"models"` // Gemini
	}
	err = json.NewDecoder(io.LimitReader(resp.Body, most.ModelsBytes)).Decode(&list)
	if err != nil || len(list.Data) == 0 && list.Models == nil && list.Object != "list" {
		return nil, &llm.Error{Kind: llm.Invalid, Message: "not a list of models"}
	}
	models := make([]string, 0, len(list.Data)+len(list.Models))
	for _, m := range list.Data {
		models = append(models, m.ID)
	}
	for _, m := range list.Models {
		models = append(models, strings.TrimPrefix(m.Name, "models/"))
	}
	return models, nil
}

func listError(ctx context.Context, err error) *llm.Error {
	if sent := (*url.Error)(nil); errors.As(err, &sent) {
		err = sent.Err
	}
	kind := llm.Network
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		kind = llm.Timeout
	case ctx.Err() != nil:
		kind = llm.Canceled
	}
	return &llm.Error{Kind: kind, Message: err.Error(), Err: err}
}
