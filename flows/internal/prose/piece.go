package prose

import (
	"errors"
	"strings"
)

// Piece is a text as a person is shown it before it goes out, and may edit it.
type Piece struct {
	Title string `json:"title" jsonschema:"The title" pawl:"len=1.."`
	Text  string `json:"text" jsonschema:"The text in Markdown, without its title" pawl:"len=1.."`
}

// PieceOf takes the title from the first line of a Markdown text. One that does
// not begin with a title gets the given one.
func PieceOf(markdown, title string) Piece {
	text := strings.TrimSpace(markdown)
	if first, rest, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, "# ") && !Blank(first[2:]) && !Blank(rest) {
		return Piece{strings.TrimSpace(first[2:]), strings.TrimSpace(rest)}
	}
	return Piece{Line(title), text}
}

// Markdown puts the two together.
func (p Piece) Markdown() string {
	return "# " + Line(p.Title) + "\n\n" + strings.TrimSpace(p.Text)
}

// Validate refuses a piece that says nothing.
func (p Piece) Validate() error {
	var problems []error
	if Blank(p.Title) {
		problems = append(problems, errors.New("title: is blank"))
	}
	if Blank(p.Text) {
		problems = append(problems, errors.New("text: is blank"))
	}
	return errors.Join(problems...)
}

// What a person may say who turns a piece down.
const (
	Drop   = "drop"   // the run ends
	Revise = "revise" // what they say becomes feedback, and they are asked again
)
