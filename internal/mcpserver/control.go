package mcpserver

import (
	"context"

	"github.com/pawlrun/pawl"
)

type controlRun struct {
	Run    pawl.RunID `json:"run" jsonschema:"The run's id, whole." pawl:"len=1..64"`
	Action string     `json:"action" jsonschema:"pause: begin nothing more until it is resumed. resume: go on after a pause, a crash or a failure. cancel: end it for good, without a result. guide: give it an instruction that later questions to models carry." pawl:"enum=pause|resume|cancel|guide"`
	Text   string     `json:"text,omitempty" jsonschema:"Of guide the instruction, of cancel why; it is kept." pawl:"len=..65536"`
	Model  string     `json:"model,omitempty" jsonschema:"Of resume: provider/model for what is still to be asked."`
}

func (s *Server) controlTool() {
	add(s, definition{name: "run_control", title: "Steer a run", operates: true, destructive: true, once: true, open: true,
		about: "Pause, resume, cancel or guide a run. Cancel cannot be undone: do it only when the person asked for it. Resuming a failed run has models asked again, which costs. It answers when that is recorded, which is before it has taken effect."},
		func(ctx context.Context, c *call, in controlRun) (any, error) {
			switch {
			case in.Action == string(pawl.DirectGuide) && in.Text == "":
				return nil, badArgument("text", "is missing: it is the instruction")
			case in.Model != "" && in.Action != string(pawl.DirectResume):
				return nil, badArgument("model", "is for the action resume alone")
			case in.Text != "" && in.Action != string(pawl.DirectGuide) && in.Action != string(pawl.DirectCancel):
				return nil, badArgument("text", "is for the actions guide and cancel alone")
			}
			d := pawl.Directive{What: pawl.DirectiveKind(in.Action), Who: c.actor.Name, Text: in.Text, Model: in.Model}
			if err := s.o.Engine.Direct(ctx, in.Run, d); err != nil {
				return nil, s.view.Error(ctx, in.Run, err)
			}
			return c.run(ctx, in.Run, false)
		})
}
