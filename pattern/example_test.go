package pattern_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/pattern"
)

// says is what a model says in the examples, by the step's key.
type says map[string]string

// Generate implements llm.Model.
func (s says) Generate(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	return llm.Response{Text: s[req.Meta.Key]}, nil
}

// play runs a flow and prints what it came to.
func play[In, Out any](flow *pawl.FlowOf[In, Out], in In, m llm.Model) {
	ctx := context.Background()
	engine := local.New(&local.Options{Journal: journal.NewMemory(), Models: llm.Catalog{"test": m}, Model: "test/one"})
	defer engine.Close(ctx)
	h, err := pawl.Start(ctx, engine, flow, in, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := h.Result(ctx)
	if err != nil {
		out, _ := err.(*pawl.Error)
		fmt.Println(out.Message)
		return
	}
	fmt.Println(out)
}

type Mail struct {
	Text string `json:"text"`
}

// A chain needs no function: each question has what the one before came to. A gate between
// two steps keeps a bad answer from being paid for twice.
func Example_chain() {
	type facts struct {
		Facts []string `json:"facts"`
	}
	flow := pawl.New("summary", "Sum a mail up.", func(r *pawl.Run, in Mail) (string, error) {
		found := pawl.Ask(r, "facts", pawl.Messages[facts]("Finding facts", llm.User("Which facts are in this? "+in.Text)).Items("facts", 1, 5))
		return pawl.Ask(r, "summary", pawl.Messages[string]("Summing up", llm.User("One sentence of: "+strings.Join(found.Facts, "; ")))), nil
	})

	play(flow, Mail{"The ferry leaves at six. Bring a coat."}, says{"facts": `{"facts":["ferry at six","it is cold"]}`, "summary": "A cold ferry at six."})

	// Output:
	// A cold ferry at six.
}

// Nor do fan-out and fan-in: a map, and a question about all that it returns.
func Example_fanOut() {
	type paper struct {
		Parts []string `json:"parts"`
	}
	ask := func(text string) pawl.Question[string] { return pawl.Messages[string]("Reading", llm.User(text)) }
	flow := pawl.New("digest", "Read a paper part by part.", func(r *pawl.Run, in paper) (string, error) {
		notes := pawl.Map(r, "parts", in.Parts, func(r *pawl.Run, part string) (string, error) {
			return pawl.Ask(r, "note", ask("Note down what matters: "+part)), nil
		}, pawl.Limit(8))
		return pawl.Ask(r, "digest", ask("Make one text of these notes: "+strings.Join(notes, " "))), nil
	})

	play(flow, paper{[]string{"On ebb.", "On flow."}}, says{"parts[0]/note": "Ebb.", "parts[1]/note": "Flow.", "digest": "Both."})

	// Output:
	// Both.
}

type Desk string

// Enum is what the router may choose. A person's desk is not its to choose.
func (Desk) Enum() []string { return []string{"billing", "technical"} }

var routeP = pawl.PromptText[Mail, pattern.Choice[Desk]](`
purpose: Routing mail
---
# user
Which desk answers this mail?

{{.Text}}
`)

func ExampleRoute() {
	flow := pawl.New("support", "Route a mail.", func(r *pawl.Run, in Mail) (string, error) {
		switch c := pattern.Route(r, "route", routeP.With(in), 0.7, "person"); c.Route {
		case "billing":
			return "billing answers", nil
		case "technical":
			return "technical answers", nil
		default:
			return "a person looks, since " + c.Reason, nil
		}
	}, pawl.Prompts(routeP))

	play(flow, Mail{"I was billed twice."}, says{"route": `{"reason":"it is about a bill","route":"billing","confidence":0.9}`})
	play(flow, Mail{"Hm."}, says{"route": `{"reason":"it says nothing","route":"technical","confidence":0.2}`})

	// Output:
	// billing answers
	// a person looks, since it says nothing
}

type Opinion struct {
	Score     float64 `json:"score" pawl:"min=0,max=1"`
	Complaint string  `json:"complaint"`
}

// Verdict has a draft count from a score of 0.8 on.
func (o Opinion) Verdict() (approved bool, score float64) { return o.Score >= 0.8, o.Score }

func ExampleRefine() {
	ask := func(text string) pawl.Question[string] { return pawl.Messages[string]("Writing", llm.User(text)) }
	flow := pawl.New("letter", "Write a letter.", func(r *pawl.Run, in Mail) (string, error) {
		first := pawl.Ask(r, "draft", ask("Answer: "+in.Text))
		done := pattern.Refine(r, 2, first,
			func(draft string) Opinion {
				return pawl.Ask(r, "review", pawl.Messages[Opinion]("Reviewing", llm.User("How good is this? "+draft)))
			},
			func(draft string, o Opinion) string {
				return pawl.Ask(r, "revise", ask("Make it better: "+draft+" The reviewer says: "+o.Complaint))
			})
		return fmt.Sprintf("%s (%s, %d revision)", done.Best, done.Stopped, done.Revisions), nil
	})

	play(flow, Mail{"When do we meet?"}, says{
		"draft": "Soon.", "review": `{"score":0.3,"complaint":"Say when."}`,
		"revise": "On Friday.", "review#2": `{"score":0.9,"complaint":""}`,
	})

	// Output:
	// On Friday. (approved, 1 revision)
}

func ExampleBestOf() {
	flow := pawl.New("headline", "Find a headline.", func(r *pawl.Run, in Mail) (string, error) {
		best := pattern.BestOf(r, "headlines", []string{"plain", "funny"},
			func(r *pawl.Run, tone string) (string, error) {
				return pawl.Ask(r, "write", pawl.Messages[string]("Writing headline", llm.User("A "+tone+" headline for: "+in.Text))), nil
			},
			func(all []string) pawl.Question[pattern.Scores] {
				return pawl.Messages[pattern.Scores]("Judging headlines", llm.User("Score them:\n"+strings.Join(all, "\n")))
			})
		return fmt.Sprintf("%s (%s)", best.Value, best.Score.Reason), nil
	})

	play(flow, Mail{"The tides are early."}, says{
		"headlines[0]/write": "Tides come early", "headlines[1]/write": "Time and tide wait for nobody",
		"headlines-judge": `{"scores":[{"candidate":2,"reason":"it is worn","score":0.4},{"candidate":1,"reason":"it is clear","score":0.8}]}`,
	})

	// Output:
	// Tides come early (it is clear)
}

func ExampleVote() {
	type isSpam struct {
		Reason string `json:"reason"`
		Spam   bool   `json:"spam"`
	}
	flow := pawl.New("spam", "Tell whether a mail is spam.", func(r *pawl.Run, in Mail) (string, error) {
		vote := pattern.Vote(r, "votes", []float64{0, 0.5, 1}, func(r *pawl.Run, temperature float64) (bool, error) {
			answer := pawl.Ask(r, "is-spam", pawl.Messages[isSpam]("Looking for spam", llm.User("Is this spam? "+in.Text)).Temperature(temperature))
			return answer.Spam, nil
		})
		if vote.Share() < 0.6 {
			return "not clear", nil
		}
		return fmt.Sprintf("spam: %v, %d of %d", vote.Winner, vote.Votes, vote.Of), nil
	})

	play(flow, Mail{"Win a boat!"}, says{
		"votes[0]/is-spam": `{"reason":"it shouts","spam":true}`,
		"votes[1]/is-spam": `{"reason":"boats are nice","spam":false}`,
		"votes[2]/is-spam": `{"reason":"nobody wins","spam":true}`,
	})

	// Output:
	// spam: true, 2 of 3
}

func ExampleOrchestrate() {
	type plan struct {
		Sections []string `json:"sections"`
	}
	ask := func(text string) pawl.Question[string] { return pawl.Messages[string]("Writing", llm.User(text)) }
	flow := pawl.New("post", "Write a post.", func(r *pawl.Run, in Mail) (string, error) {
		post := pattern.Orchestrate(r, pattern.Orchestra[plan, string, string, string]{
			Plan:  pawl.Messages[plan]("Planning post", llm.User("Plan a post about "+in.Text)).Items("sections", 1, 5),
			Parts: func(p plan) []string { return p.Sections },
			Work: func(r *pawl.Run, section string) (string, error) {
				return pawl.Ask(r, "write", ask("Write the section "+section)), nil
			},
			Join: func(_ plan, written []string) pawl.Question[string] {
				return ask("Make one post of:\n" + strings.Join(written, "\n"))
			},
		}, pawl.Limit(4))
		return post.Joined, nil
	})

	play(flow, Mail{"tides"}, says{
		"plan": `{"sections":["ebb","flow"]}`, "parts[0]/write": "It goes.", "parts[1]/write": "It comes.",
		"join": "It goes and comes.",
	})

	// Output:
	// It goes and comes.
}

func ExampleGuard() {
	check := func(name, question string, in Mail) pattern.Check {
		return pattern.Check{Name: name, May: func(r *pawl.Run) (pattern.Verdict, error) {
			return pawl.Ask(r, "check", pawl.Messages[pattern.Verdict]("Checking", llm.User(question+" "+in.Text))), nil
		}}
	}
	flow := pawl.New("answer", "Answer a mail.", func(r *pawl.Run, in Mail) (string, error) {
		answer, err := pattern.Guard(r, "reply", func(r *pawl.Run) (string, error) {
			return pawl.Ask(r, "write", pawl.Messages[string]("Answering", llm.User(in.Text))), nil
		}, check("policy", "May we answer this?", in), check("tone", "Is this polite?", in)).Answer()
		if err != nil {
			return err.Error(), nil
		}
		return answer, nil
	})

	play(flow, Mail{"What may I invest in?"}, says{
		"reply/answer/write": "In boats.",
		"reply/policy/check": `{"reason":"we give no such advice","pass":false}`,
		"reply/tone/check":   `{"reason":"it is polite","pass":true}`,
	})

	// Output:
	// held back by policy: we give no such advice
}
