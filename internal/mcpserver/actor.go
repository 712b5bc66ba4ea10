package mcpserver

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pawlrun/pawl/internal/late"
)

// Actor is who sends a request.
type Actor struct {
	Name    string // that is recorded with what they start and decide
	Start   bool   // they may start runs; else they may look
	Operate bool   // they may start and steer runs, and decide where agents do
}

// What the library passes on of an actor's rights.
const (
	scopeStart   = "start"
	scopeOperate = "operate"
)

// scopes are an actor's rights.
func (a Actor) scopes() (all []string) {
	if a.Start {
		all = append(all, scopeStart)
	}
	if a.Operate {
		all = append(all, scopeOperate)
	}
	return all
}

// actorOf is who has sent a request: of a client on this process's own input there is no more
// than the name that it says.
func actorOf(extra *mcp.RequestExtra, client string) Actor {
	if extra != nil && extra.TokenInfo != nil {
		return actorIn(extra.TokenInfo)
	}
	return Actor{Name: "mcp: " + client, Operate: true}
}

func actorIn(t *auth.TokenInfo) Actor {
	return Actor{Name: t.UserID, Start: slices.Contains(t.Scopes, scopeStart), Operate: slices.Contains(t.Scopes, scopeOperate)}
}

// mostName is how many characters of a client's name are kept.
const mostName = 64

// clientName is what a client calls itself, fit to be shown.
func clientName(info *mcp.Implementation) string {
	if info == nil {
		return "unknown client"
	}
	name := []rune(plain(strings.Join(strings.Fields(info.Name), " ")))
	return cmp.Or(string(name[:min(len(name), mostName)]), "unknown client")
}

// parent is a W3C traceparent of the version that there is.
var parent = late.Regexp(`^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)

// trace is the trace that a call is a part of, to which those of its runs are linked; empty: it
// says none that can be one.
func (c *call) trace() string {
	t, _ := c.request.Params.Meta["traceparent"].(string)
	if !parent().MatchString(t) || strings.Count(t[3:35], "0") == 32 || strings.Count(t[36:52], "0") == 16 {
		return ""
	}
	return t
}

// plain is a text without what a terminal would obey and what turns its direction.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
