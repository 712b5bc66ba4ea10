package server

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// OpenAPI returns the document of the API, OpenAPI 3.1 as JSON: the same bytes always.
func (s *Server) OpenAPI() []byte { return s.document }

// openAPIRoute serves the document. It is the last route: the document is made here.
func (s *Server) openAPIRoute() {
	doc := s.api.OpenAPI()
	settle(doc)
	text, err := doc.MarshalJSON()
	if err != nil {
		panic(err) // it is made of our types alone
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		panic(err)
	}
	b.WriteByte('\n')
	s.document = b.Bytes()
	s.Handle("GET "+prefix+"/openapi.json", RoleViewer, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.oai.openapi+json")
		w.Write(s.document)
	}))
}
