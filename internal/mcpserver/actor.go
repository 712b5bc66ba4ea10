package mcpserver

import (
	"cmp"
	"strings"
	"unicode"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Actor is who sends a request.
type Actor struct {
	Name    string // that is recorded with what they start and decide
	Operate bool   // they may start and steer runs; else they may look
}

// scopeOperate is what the library passes on of an actor who may start and steer.
const scopeOperate = "operate"

// actorOf is who has sent a request: of a client on this process's own input there is no more
// than the name that it says.
func actorOf(extra *mcp.RequestExtra, client string) Actor {
	if extra != nil && extra.TokenInfo != nil {
		return actorIn(extra.TokenInfo)
	}
	return Actor{Name: "mcp: " + client, Operate: true}
}

func actorIn(t *auth.TokenInfo) Actor {
	return Actor{Name: t.UserID, Operate: len(t.Scopes) > 0 && t.Scopes[0] == scopeOperate}
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
