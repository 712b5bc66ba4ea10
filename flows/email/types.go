package email

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// Input is what the email is to say.
type Input struct {
	To           string `json:"to" jsonschema:"who gets the email" pawl:"len=1..80"`
	About        string `json:"about" jsonschema:"what it is to say" pawl:"len=1..4000"`
	Tone         string `json:"tone" jsonschema:"how it is to sound" pawl:"len=1..80,default=friendly"`
	MaxRevisions int    `json:"max_revisions" jsonschema:"how often it is revised at most" pawl:"min=0,max=5,default=2"`
}

// Email is what the writer answers.
type Email struct {
	Subject string `json:"subject" jsonschema:"the subject line, of 2 to 12 words" pawl:"len=1..120"`
	Body    string `json:"body" jsonschema:"the email itself as plain text, of 30 to 250 words" pawl:"len=1..4000"`
}

// Review is what the reviewer answers.
type Review struct {
	Issues   []string `json:"issues" jsonschema:"what must change, one sentence each; empty if it is approved" pawl:"items=0..5"`
	Score    float64  `json:"score" jsonschema:"how good it is, from 0 to 1" pawl:"min=0,max=1"`
	Approved bool     `json:"approved" jsonschema:"whether it can be sent as it is"`
}

// Verdict has the reviewer decide when a draft is good enough.
func (v Review) Verdict() (approved bool, score float64) { return v.Approved, v.Score }

// Validate wants a reason for a draft that is turned down: a writer could do nothing without.
func (v Review) Validate() error {
	if !v.Approved && len(v.Issues) == 0 {
		return errors.New("issues: wants at least 1 unless it is approved")
	}
	return nil
}

// Output is the best draft and what the reviewer made of it.
type Output struct {
	Email     Email  `json:"email" jsonschema:"the best draft"`
	Review    Review `json:"review" jsonschema:"the review of that draft"`
	Revisions int    `json:"revisions" jsonschema:"how often it was revised"`
}

// Markdown is the email for people.
func (o Output) Markdown() string {
	return fmt.Sprintf("Subject: %s\n\n%s\n", o.Email.Subject, o.Email.Body)
}

// NotApproved says that the reviewer approved none of the drafts.
func (o Output) NotApproved() string {
	if o.Review.Approved {
		return ""
	}
	return fmt.Sprintf("the best of %d drafts is not approved: %s", o.Revisions+1, strings.Join(o.Review.Issues, " "))
}

// The data of prompts is flat, so that a prompt which leaves a field out does not load.

type writeData struct{ To, About, Tone string }

type reviewData struct{ To, About, Tone, Subject, Body string }

type reviseData struct {
	To, About, Tone, Subject, Body string
	Issues                         []string
}

// checked puts the gates of every draft on a question.
func checked(q pawl.Question[Email]) pawl.Question[Email] {
	return q.Gate("a body of 30 to 250 words", func(e Email) error {
		if err := prose.WordsBetween(e.Body, 30, 250); err != nil {
			return fmt.Errorf("body %w", err)
		}
		return nil
	}).MaxTokens(prose.Tokens(300))
}
