package responsestest

import (
	"encoding/json"
	"net/http"
)

// Lists sets the models that GET /v1/models and, of Gemini, /v1beta/models list; at first there are none. Such a
// request is no Call.
func (s *Server) Lists(models ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.models = models
}

// serveModels answers with the list of models, in OpenAI's words or in Gemini's.
func (s *Server) serveModels(w http.ResponseWriter, gemini bool) {
	type model struct {
		ID     string `json:"id"`
		Object string `json:"object"`
	}
	list := struct {
		Object string  `json:"object"`
		Data   []model `json:"data"`
	}{Object: "list", Data: []model{}}
	s.mu.Lock()
	for _, id := range s.models {
		list.Data = append(list.Data, model{id, "model"})
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if gemini {
		named := []map[string]string{}
		for _, m := range list.Data {
			named = append(named, map[string]string{"name": "models/" + m.ID})
		}
		json.NewEncoder(w).Encode(map[string]any{"models": named})
		return
	}
	json.NewEncoder(w).Encode(list)
}
