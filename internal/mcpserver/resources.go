package mcpserver

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/drawing"
)

// What resources begin with, and the form that most have.
const (
	runURI    = "run://"
	flowURI   = "flow://"
	exportURI = "export://"
	docsURI   = "docs://"

	jsonType     = "application/json"
	markdownType = "text/markdown"
)

func (s *Server) resources() {
	for _, p := range s.pages {
		s.sdk.AddResource(&mcp.Resource{URI: docsURI + p.path, Name: p.path, Title: p.title, MIMEType: markdownType, Description: "A page of Pawl's documentation.", Size: int64(len(p.text))},
			s.resource(func(context.Context, string) (string, string, error) { return markdownType, p.text, nil }))
	}
	for _, f := range s.o.Flows {
		s.sdk.AddResource(&mcp.Resource{URI: flowURI + url.PathEscape(f.Name()), Name: f.Name(), Title: "Flow " + f.Name(), MIMEType: markdownType, Description: f.Describe().Purpose},
			s.resource(func(context.Context, string) (string, string, error) {
				text, err := s.flowPage(f)
				return markdownType, text, err
			}))
	}
	s.sdk.AddResourceTemplate(&mcp.ResourceTemplate{URITemplate: runURI + "{run}", Name: "run", Title: "A run", MIMEType: jsonType, Description: "All there is to know about a run, as the API and the command show it."},
		s.resource(func(ctx context.Context, id string) (string, string, error) {
			rec, err := s.view.Run(ctx, pawl.RunID(id))
			if err != nil {
				return "", "", err
			}
			text, err := asJSON(s.shown(rec))
			return jsonType, text, err
		}))
	s.sdk.AddResourceTemplate(&mcp.ResourceTemplate{URITemplate: runURI + "{run}/events", Name: "events", Title: "The events of a run", MIMEType: jsonType, Description: "What happened in a run, event by event."},
		s.resource(func(ctx context.Context, id string) (string, string, error) {
			events, err := s.allEvents(ctx, pawl.RunID(strings.TrimSuffix(id, "/events")))
			if err != nil {
				return "", "", err
			}
			text, err := asJSON(events)
			return jsonType, text, err
		}))
	s.sdk.AddResourceTemplate(&mcp.ResourceTemplate{URITemplate: exportURI + "{run}", Name: "export", Title: "A run as a file", MIMEType: jsonType, Description: "A run as a file that can be verified and imported elsewhere; secrets stay here."},
		s.resource(func(ctx context.Context, id string) (string, string, error) {
			data, _, err := s.export(ctx, exportRun{Run: pawl.RunID(id), Format: "json"})
			return jsonType, string(data), err
		}))
}

// resource is a handler that reads what stands behind the scheme of an address.
func (s *Server) resource(read func(ctx context.Context, name string) (mime, text string, err error)) mcp.ResourceHandler {
	return func(ctx context.Context, r *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		leave, err := s.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		_, name, _ := strings.Cut(r.Params.URI, "://")
		mime, text, err := read(ctx, name)
		if err == nil && len(text) > mostFile {
			err = tooLarge(pawl.RunID(strings.TrimSuffix(name, "/events")), len(text))
		}
		if errors.Is(err, pawl.ErrNotFound) {
			return nil, mcp.ResourceNotFoundError(r.Params.URI)
		}
		if err != nil {
			f := faultOf(err)
			if f.Kind == pawl.ErrInternal {
				s.log.Error("a resource failed", "uri", r.Params.URI, "error", f.Message)
			}
			return nil, errors.New(string(f.Kind) + ": " + f.Message)
		}
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: r.Params.URI, MIMEType: mime, Text: text}}}, nil
	}
}

// allEvents are the events of a run, if a resource can hold them.
func (s *Server) allEvents(ctx context.Context, id pawl.RunID) (all []pawl.Event, err error) {
	f, err := s.view.Follow(ctx, id)
	if err != nil {
		return nil, err
	}
	const part = 500
	size, after := 0, pawl.Seq(0)
	for {
		events, err := f.Read(ctx, after, part)
		if err != nil {
			return nil, err
		}
		for _, ev := range events {
			size, after = size+len(ev.Body), ev.Seq
		}
		if all = append(all, events...); size > mostFile {
			return nil, tooLarge(id, size)
		}
		if len(events) < part {
			return all, nil
		}
	}
}

// flowPage is a flow for readers: what it is for, its picture and its schemas.
func (s *Server) flowPage(f pawl.Flow) (string, error) {
	d := s.view.Describe(f)
	var b strings.Builder
	b.WriteString("# " + d.Name + "\n\n" + d.Purpose + "\n")
	if d.Shape != nil {
		b.WriteString("\n```mermaid\n" + strings.TrimSpace(drawing.Mermaid(d.Shape)) + "\n```\n")
	}
	for _, part := range []struct {
		title string
		doc   json.RawMessage
	}{{"Input", d.Input}, {"Output", d.Output}, {"Example", d.Example}} {
		if len(part.doc) == 0 || string(part.doc) == "null" {
			continue
		}
		text, err := asJSON(part.doc)
		if err != nil {
			return "", err
		}
		b.WriteString("\n## " + part.title + "\n\n```json\n" + text + "\n```\n")
	}
	return b.String(), nil
}
