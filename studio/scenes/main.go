// Command scenes is a program whose runs show all that the studio has to show: it is what the
// tests in a browser open. Its model answers slowly, or with what no page should believe.
package main

import (
	"context"
	"log"
	"os"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
	"github.com/pawlrun/pawl/llm"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "fill" {
		if err := fill(context.Background(), os.Args[2:]); err != nil {
			log.Fatal(err)
		}
		return
	}
	cli.Program{
		Name:      "scenes",
		Flows:     []pawl.Flow{letter, wide, hostile, ticking, broken, errand, memo},
		Providers: []llm.Provider{{Name: "scene", About: "It writes what the tests want.", Models: []string{"", "other"}, StandIn: true, New: func(func(string) string) llm.Model { return llm.Func(write) }}},
	}.Main()
}

// hostileText has what a page must show as it is, and nothing else do with it.
var hostileText = "<script>document.title = 'taken'</script><img src=https://other.example/x.png onerror=\"document.title='taken'\">\n" +
	"[a link](javascript:alert(1)) and ![an image](https://other.example/y.png)\n" +
	"\u202eright to left\u202c, a bell \a, an escape \x1b[31mred\x1b[0m\n" + strings.Repeat("w", 1<<20)

// write answers an ask by its key. What is asked to be done slowly comes word by word.
func write(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
	asked := req.Messages[0].Text()
	text := "An answer that is long enough."
	switch {
	case req.Meta.Key == "hostile":
		text = hostileText
	case req.Meta.Key == "draft" && req.Meta.Attempt == 1:
		text = "Too short."
	case strings.HasPrefix(asked, "warm"):
		text = strings.Repeat("One word after the other. ", 30)
		for _, word := range strings.SplitAfter(text, " ") {
			stream(llm.Delta{Text: word})
			select {
			case <-time.After(30 * time.Millisecond):
			case <-ctx.Done():
				return llm.Response{}, ctx.Err()
			}
		}
	}
	return llm.Response{Text: text, Usage: &llm.Usage{InputTokens: int64(len(asked)), OutputTokens: min(1000, int64(len(text)))}}, nil
}
