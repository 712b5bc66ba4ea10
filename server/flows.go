package server

import (
	"context"
	"fmt"
	"net/http"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

type forFlow struct {
	Flow string `path:"flow" doc:"The flow's name." maxLength:"64"`
}

func (s *Server) flowRoutes() {
	route(s, operation(http.MethodGet, "/flows", "list-flows", "List the flows that this program has"), RoleViewer,
		func(context.Context, *struct{}) (*body[[]view.FlowRecord], error) {
			return bodyOf(s.view.Flows()), nil
		})
	route(s, operation(http.MethodGet, "/flows/{flow}", "get-flow", "Describe a flow: schemas of its input and output, an example, its prompts"), RoleViewer,
		func(_ context.Context, in *forFlow) (*body[view.FlowDescription], error) {
			f, err := s.findFlow(in.Flow)
			if err != nil {
				return nil, err
			}
			return bodyOf(s.view.Describe(f)), nil
		})
	route(s, operation(http.MethodGet, "/flows/{flow}/sources", "get-flow-sources", "Get the files that a flow is written in, if it carries them"), RoleViewer,
		func(_ context.Context, in *forFlow) (*body[[]view.SourceFile], error) {
			f, err := s.findFlow(in.Flow)
			if err != nil {
				return nil, err
			}
			files, err := s.view.Sources(f)
			return bodyOf(files), err
		})
}

// findFlow returns a flow of this program.
func (s *Server) findFlow(name string) (pawl.Flow, error) {
	if f := s.view.Flow(name); f != nil {
		return f, nil
	}
	return nil, &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("unknown flow %q; %s/flows lists those that this program has", name, prefix)}
}
