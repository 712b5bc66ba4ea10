// Command bench measures what the engine on this machine costs, beside what the
// disk and SQLite alone cost in the same run, and prints one table:
//
//	go run ./bench [-run REGEXP] [-short] [-json FILE] [-profile DIR]
//
// docs/performance.md says what the figures mean.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/pprof"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == processArg {
		process(os.Args[2], os.Args[3:])
		return
	}
	run := flag.String("run", "", "measure the workloads whose name this `REGEXP` matches")
	short := flag.Bool("short", false, "measure each workload with fewer rounds and without its largest size")
	file := flag.String("json", "", "write the figures to `FILE` as well")
	profiles := flag.String("profile", "", "write a profile of each workload's processor time into `DIR`, as NAME.pprof")
	flag.Parse()
	if err := measure(*run, *short, *file, *profiles); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure runs each workload in a process of its own, so that memory is the
// workload's and none starts with the caches of another.
func measure(pattern string, short bool, file, profiles string) error {
	wanted, err := regexp.Compile(pattern)
	if err != nil {
		return fmt.Errorf("-run: %w", err)
	}
	if profiles != "" {
		if err := os.MkdirAll(profiles, 0o755); err != nil {
			return fmt.Errorf("-profile: %w", err)
		}
	}
	all := []figure{}
	for _, w := range workloads {
		if !wanted.MatchString(w.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring", w.name)
		figures, err := inProcess(w.name, short, profiles)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		for i := range figures {
			figures[i].Workload = w.name
		}
		all = append(all, figures...)
	}
	printTable(os.Stdout, all)
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// processArg as the first argument says that this process is one of the bench's
// own: a workload, or the command that is being measured.
const processArg = "process"

// inProcess measures a workload in a new process.
func inProcess(name string, short bool, profiles string) ([]figure, error) {
	profile := ""
	if profiles != "" {
		profile = filepath.Join(profiles, name+".pprof")
	}
	cmd := exec.Command(os.Args[0], processArg, workloadProcess, name, fmt.Sprint(short), profile)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var figures []figure
	return figures, json.Unmarshal(out, &figures)
}

const (
	workloadProcess = "workload"
	commandProcess  = "command"
	watchersProcess = "watchers"
)

// process is the main function of the bench's own processes.
func process(what string, args []string) {
	if what == commandProcess {
		os.Args = append([]string{"pawl"}, args...)
		command()
		return
	}
	err := error(nil)
	if what == watchersProcess {
		err = watchersMain(args[0], args[1], args[2])
	} else {
		err = workloadMain(args[0], args[1] == "true", args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func workloadMain(name string, short bool, profile string) error {
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	dir, err := os.MkdirTemp("", "pawl-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, w := range workloads {
		if w.name == name {
			figures, err := w.measure(context.Background(), place{dir: dir, short: short})
			if err != nil {
				return err
			}
			return json.NewEncoder(os.Stdout).Encode(figures)
		}
	}
	return fmt.Errorf("no workload %q", name)
}
