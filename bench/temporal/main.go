// Command temporal measures what runs cost on a Temporal server, beside plain activities of
// Temporal's own SDK on the same server, and whether they outlive a worker that is killed:
//
//	TEMPORAL_ADDRESS=127.0.0.1:7233 go run ./bench/temporal [-steps N] [-rounds N] [-runs N]
//
// docs/scale.md says what the figures mean.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"

	"github.com/pawlrun/pawl"
)

func main() {
	steps := flag.Int("steps", 100, "measure with `N` steps in a run")
	rounds := flag.Int("rounds", 5, "measure each `N` times, one after the other in turn, and take the median")
	runs := flag.Int("runs", 500, "have `N` runs while one of two workers is killed; 0: do not")
	queue := flag.String("worker", "", "be a worker on `QUEUE` until killed; the command starts itself so")
	flag.Parse()
	if err := measure(context.Background(), *steps, *rounds, *runs, *queue); err != nil {
		fmt.Fprintln(os.Stderr, "bench/temporal:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, steps, rounds, runs int, queue string) error {
	at, err := envconfig.LoadDefaultClientOptions()
	if err != nil {
		return err
	}
	at.Logger = quiet{}
	if queue != "" {
		return work(ctx, at, queue)
	}
	if err := compare(ctx, at, steps, rounds); err != nil || runs == 0 {
		return err
	}
	return killed(ctx, at, runs)
}

// compare prints a table of our flows beside the plain ones.
func compare(ctx context.Context, at client.Options, steps, rounds int) error {
	name := "bench-" + string(pawl.NewRunID())
	ours, err := open(ctx, at, name, true)
	if err != nil {
		return err
	}
	defer ours.Close(ctx)
	theirs, err := openPlain(at, name+"-plain")
	if err != nil {
		return err
	}
	defer theirs.close()
	fmt.Printf("%-34s %10s %10s %6s\n", "", "Pawl", "plain SDK", "times")
	for _, c := range []struct {
		what  string
		flow  *pawl.FlowOf[size, int]
		n     int
		each  int // what the time is divided by
		plain any
	}{
		{"a run of one step, ms", chain, 1, 1, inSequence},
		{fmt.Sprintf("a step of %d in sequence, ms", steps), chain, steps, steps, inSequence},
		{fmt.Sprintf("a step of %d at once, ms", steps), fan, steps, steps, atOnce},
	} {
		var mine, plain []float64
		for range rounds + 1 { // the first warms up
			took, err := timed(func() error { _, err := pawlRun(ctx, ours, c.flow, c.n); return err })
			if err != nil {
				return err
			}
			mine = append(mine, took/float64(c.each))
			if took, err = timed(func() error { return theirs.run(ctx, c.plain, c.n) }); err != nil {
				return err
			}
			plain = append(plain, took/float64(c.each))
		}
		m, p := median(mine[1:]), median(plain[1:])
		fmt.Printf("%-34s %10.2f %10.2f %6.2f\n", c.what, m, p, m/p)
	}
	return nil
}

// timed returns how many milliseconds something takes.
func timed(do func() error) (float64, error) {
	begin := time.Now()
	err := do()
	return float64(time.Since(begin)) / float64(time.Millisecond), err
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
