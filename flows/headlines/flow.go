// Package headlines is a workflow that writes headlines side by side, each in a tone of its
// own, and has a judge say which is the best. README.md beside it explains it on a page.
package headlines

import (
	"embed"
	"errors"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/pattern"
)

//go:embed *.go prompts
var files embed.FS

var (
	writeP = pawl.MustPrompt[writeData, Line](files, "prompts/write.md")
	judgeP = pawl.MustPrompt[judgeData, pattern.Scores](files, "prompts/judge.md")
)

// Flow finds a headline.
var Flow = pawl.New("headlines", "Write headlines in several tones at once and pick the best.", headlines,
	pawl.Prompts(writeP, judgeP), pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "fan-out and best of", Visible: "each headline with its tone, its score and the reason",
		Why: "it is easier to choose than to say beforehand what is wanted, and a tone that is refused costs only itself"},
	pawl.Example(Input{Text: "The harbour opens again on Monday. It was closed for a year.", N: 3}))

func headlines(r *pawl.Run, in Input) (Output, error) {
	written := pawl.TryMap(r, "tones", tones[:in.N], func(r *pawl.Run, tone string) (string, error) {
		return pawl.Ask(r, "write", writeP.With(writeData{tone, in.Text})).Headline, nil
	}, pawl.By(func(tone string) string { return tone }))

	out := Output{All: []Headline{}, LeftOut: []LeftOut{}}
	var lines []string
	for i, w := range written {
		if w.Err != nil {
			out.LeftOut = append(out.LeftOut, LeftOut{tones[i], pawl.AsError(w.Err, pawl.ErrFlow).Message})
			continue
		}
		lines = append(lines, w.Value)
		out.All = append(out.All, Headline{Tone: tones[i], Line: w.Value})
	}
	if len(lines) == 0 {
		return out, pawl.Fail(errors.New("not one headline was written: " + out.LeftOut[0].Why))
	}

	best := pattern.Judge(r, "judge", lines, judgeP.With(judgeData{in.Text, lines}))
	for i, s := range best.Scores {
		out.All[i].Score, out.All[i].Reason = s.Score, s.Reason
	}
	out.Best = out.All[best.Score.Candidate-1]
	return out, nil
}
