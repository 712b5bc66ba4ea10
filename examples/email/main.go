// Command email writes an email and has it reviewed: a reviewer gives a score
// and complaints, and as long as the score is under 8 the mail is written anew
// with them, twice at most. The whole loop is the one function write.
//
//	go run ./examples/email run email --to Ada --about "The meeting moves to Friday."
package main

import (
	"embed"
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
)

//go:embed prompts
var files embed.FS

const (
	enough   = 8 // a score from which on nothing is rewritten
	rewrites = 2 // at most
)

// Brief is what the mail is to say.
type Brief struct {
	To    string `json:"to" jsonschema:"who gets the mail" pawl:"len=1..80"`
	About string `json:"about" jsonschema:"what it is to say" pawl:"len=1..2000"`
}

// Email is what the writer answers.
type Email struct {
	Subject string `json:"subject" jsonschema:"the subject line" pawl:"len=1..100"`
	Body    string `json:"body" jsonschema:"the mail itself, plain text" pawl:"len=1..4000"`
}

// Review is what the reviewer answers.
type Review struct {
	Score      int      `json:"score" jsonschema:"how good the mail is" pawl:"min=0,max=10"`
	Complaints []string `json:"complaints" jsonschema:"what must change, one sentence each" pawl:"items=..5"`
}

// Validate wants a reason for a bad score: the writer could do nothing with it.
func (v Review) Validate() error {
	if v.Score < enough && len(v.Complaints) == 0 {
		return errors.New("complaints: wants at least one where the score is under 8")
	}
	return nil
}

// Draft is a mail under review.
type Draft struct {
	Brief Brief
	Email Email
}

// Revision is a mail to be written anew.
type Revision struct {
	Draft
	Complaints []string
}

// Result is the last mail and what the reviewer made of it.
type Result struct {
	Email    Email `json:"email"`
	Score    int   `json:"score"`
	Rewrites int   `json:"rewrites"`
}

// Markdown is what a person sees of it.
func (m Result) Markdown() string {
	return fmt.Sprintf("Subject: %s\n\n%s\n", m.Email.Subject, m.Email.Body)
}

var (
	writeP   = pawl.MustPrompt[Brief, Email](files, "prompts/write.md")
	reviewP  = pawl.MustPrompt[Draft, Review](files, "prompts/review.md")
	rewriteP = pawl.MustPrompt[Revision, Email](files, "prompts/rewrite.md")
)

// Flow writes an email.
var Flow = pawl.New("email", "Write an email.", write, pawl.Prompts(writeP, reviewP, rewriteP),
	pawl.Example(Brief{To: "Ada", About: "The meeting moves to Friday."}))

func write(r *pawl.Run, in Brief) (Result, error) {
	mail := pawl.Ask(r, "write", writeP.With(in))
	for n := 0; ; n++ {
		draft := Draft{Brief: in, Email: mail}
		review := pawl.Ask(r, "review", reviewP.With(draft))
		r.Note("review %d: score %d", n+1, review.Score)
		if review.Score >= enough || n == rewrites {
			return Result{Email: mail, Score: review.Score, Rewrites: n}, nil
		}
		mail = pawl.Ask(r, "rewrite", rewriteP.With(Revision{Draft: draft, Complaints: review.Complaints}))
	}
}

func main() { cli.Main(Flow) }
