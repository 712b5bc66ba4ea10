package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/blog"
)

// command is the pawl command with two flows more. They tell whoever started
// the process when their code has come to a certain place.
func command() {
	cli.Main(article.Flow, blog.Flow, resumable(reached), oneStep)
}

// oneStep has the flow's code see one result, which is durable then.
var oneStep = pawl.New("one", "Does one step.", func(r *pawl.Run, in size) (int, error) {
	n := pawl.Do(r, "step", in.N, same)
	return n, reached()
})

// resumable does n steps; what the last one comes to is for last to say.
func resumable(last func() error) *pawl.FlowOf[size, int] {
	return pawl.New("resumable", "Does one step after another.", func(r *pawl.Run, in size) (int, error) {
		for i := range in.N {
			pawl.Do(r, "step", i, func(_ context.Context, i int) (int, error) {
				if i == in.N-1 {
					return i, last()
				}
				return i, nil
			}, pawl.Repeatable)
		}
		return in.N, nil
	})
}

// watcher is the file by which a started command reports.
const watcher = 3

// reached reports to whoever started this process, with the memory it took.
func reached() error {
	peak, err := peakMemory()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(os.NewFile(watcher, "watcher"), peak)
	return err
}

// untilReached starts the command and returns how long it took to report, and
// the memory that it reported. It returns when the process has ended.
func untilReached(data string, args ...string) (took time.Duration, peak float64, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return 0, 0, err
	}
	defer r.Close()
	cmd := exec.Command(os.Args[0], append([]string{processArg, commandProcess}, args...)...)
	cmd.Env = []string{"PAWL_DATA=" + data}
	cmd.ExtraFiles = []*os.File{w}
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	begin := time.Now()
	err = cmd.Start()
	w.Close()
	if err != nil {
		return 0, 0, err
	}
	line, err := bufio.NewReader(r).ReadString('\n')
	took = time.Since(begin)
	if err == nil {
		_, err = fmt.Sscan(line, &peak)
	}
	if err := errors.Join(err, cmd.Wait()); err != nil {
		return 0, 0, fmt.Errorf("pawl %s: %w\n%s", strings.Join(args, " "), err, said.String())
	}
	return took, peak, nil
}

// coldStart measures the command from its start until a run has its first
// durable result.
func coldStart(ctx context.Context, p place) ([]figure, error) {
	data := filepath.Join(p.dir, "data")
	var took, memory []float64
	for range p.rounds(15) {
		d, peak, err := untilReached(data, "run", "one", "--n", "1", "--model", "offline")
		if err != nil {
			return nil, err
		}
		took, memory = append(took, milliseconds(d)), append(memory, peak)
	}
	return []figure{
		{What: "process start to first durable result", Value: median(took), Unit: "ms", AtMost: 30, Durability: fullSync},
		{What: "resident memory then", Value: median(memory), Unit: "MiB", AtMost: 40},
	}, nil
}

// resumeRun measures the command from its start until the first step that a run
// has not finished.
func resumeRun(ctx context.Context, p place) ([]figure, error) {
	var figures []figure
	for _, f := range []struct {
		n     int
		reach float64
	}{{500, 40}, {10_000, 200}} {
		var took []float64
		for range p.rounds(5) {
			data := filepath.Join(p.dir, fmt.Sprint(f.n, "-", len(took)))
			id, err := stopped(ctx, data, f.n)
			if err != nil {
				return nil, err
			}
			d, _, err := untilReached(data, "resume", string(id))
			if err != nil {
				return nil, err
			}
			took = append(took, milliseconds(d))
		}
		figures = append(figures, figure{What: fmt.Sprintf("process start to step %d", f.n+1), Value: median(took), Unit: "ms", AtMost: f.reach, Durability: fullSync})
	}
	return figures, nil
}

// stopped makes a run that has finished n steps and failed at the next.
func stopped(ctx context.Context, data string, n int) (pawl.RunID, error) {
	e, err := openEngine(ctx, data, "offline")
	if err != nil {
		return "", err
	}
	defer e.close(ctx)
	id, _, err := run(ctx, e, resumable(func() error { return errors.New("not yet") }), size{n + 1})
	if !errors.Is(err, pawl.ErrStep) {
		return "", fmt.Errorf("a run that was to stop did not: %w", err)
	}
	return id, nil
}
