package housetest

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Text returns n words, each the given one.
func Text(n int, word string) string {
	return strings.TrimSpace(strings.Repeat(word+" ", n))
}

// JSON returns v as JSON; a nil slice is [].
func JSON(v any) string {
	raw, err := schema.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("housetest.JSON(%T): %v", v, err))
	}
	return string(raw)
}

// UserText returns what a request says in user messages.
func UserText(req llm.Request) string { return textOf(req, llm.RoleUser) }

// SystemText returns what a request says in system messages.
func SystemText(req llm.Request) string { return textOf(req, llm.RoleSystem) }

func textOf(req llm.Request, role llm.Role) string {
	s := ""
	for _, msg := range req.Messages {
		if msg.Role == role {
			s += msg.Text() + "\n"
		}
	}
	return s
}
