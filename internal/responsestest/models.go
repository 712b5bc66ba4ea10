package responsestest

import (
	"encoding/json"
	"net/http"
)

// Lists sets the models that GET /v1/models lists; at first there are none. Such a
// request is no Call.
func (s *Server) Lists(models ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.models = models
}

// serveModels answers GET /v1/models.
func (s *Server) serveModels(w http.ResponseWriter) {
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
	json.NewEncoder(w).Encode(list)
}
