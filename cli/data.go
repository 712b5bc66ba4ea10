package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/view"
)

// dataDir returns the data directory: --data, $PAWL_DATA, or where this system
// keeps a user's data, in a directory that is called as the program is.
func (a *app) dataDir() (string, error) {
	dir, _, err := a.dataPlace()
	return dir, err
}

// dataPlace is dataDir with what it comes from.
func (a *app) dataPlace() (dir, from string, err error) {
	home := "HOME"
	if runtime.GOOS == "windows" {
		home = "LocalAppData"
	}
	own := ownDir(a.program)
	switch dir := a.getenv("XDG_DATA_HOME"); {
	case a.data != "":
		return a.data, "--data", nil
	case a.getenv("PAWL_DATA") != "":
		return a.getenv("PAWL_DATA"), "PAWL_DATA", nil
	case filepath.IsAbs(dir): // a relative one is to be ignored, says its specification
		return filepath.Join(dir, own), "XDG_DATA_HOME", nil
	case a.getenv(home) == "":
		return "", "", badInput("there is no place for the data: give --data DIR, or set PAWL_DATA or %s", home)
	case runtime.GOOS == "windows":
		return filepath.Join(a.getenv(home), own), "the default", nil
	}
	return filepath.Join(a.getenv(home), ".local", "share", own), "the default", nil
}

// commonDir is the data directory of pawl itself. All programs used to share it.
const commonDir = "pawl"

// ownDir is the name of a program's data directory. Its name may be a path.
func ownDir(program string) string {
	name := strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' || r == ':' || unicode.IsControl(r) {
			return '-'
		}
		return r
	}, program)
	if strings.Trim(name, ".- ") == "" {
		return commonDir
	}
	return name
}

// sayCommon says where runs may be that this program kept when all programs shared a
// directory, until it has runs of its own.
func (a *app) sayCommon() {
	dir, _, err := a.dataPlace()
	if err != nil || a.data != "" || a.getenv("PAWL_DATA") != "" || ownDir(a.program) == commonDir || a.quiet || a.completes() {
		return
	}
	common := filepath.Join(filepath.Dir(dir), commonDir)
	if holdsRuns(dir) || !holdsRuns(common) {
		return
	}
	a.say("%s keeps its runs in %s; an older build of it may have kept some in %s: --data or PAWL_DATA uses that", a.program, term.Plain(dir), term.Plain(common))
}

// holdsRuns reports whether there is a database in a directory.
func holdsRuns(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, databaseFile))
	return err == nil
}

// runsPlace is where runs are, for people: what the open store says, or the data directory.
func (a *app) runsPlace() (string, error) {
	if a.place != "" {
		return a.place, nil
	}
	return a.dataDir()
}

// find returns the run that a person means: an id, a unique prefix of one, or
// "last". s may be nil: no runs.
func (a *app) find(ctx context.Context, s *store, name string) (pawl.RunSummary, error) {
	dir, err := a.runsPlace()
	if err != nil {
		return pawl.RunSummary{}, err
	}
	if s != nil {
		r, err := s.view.Find(ctx, name, a.ownProgram())
		if !errors.Is(err, pawl.ErrNotFound) {
			return r, err
		}
	}
	message := fmt.Sprintf("no run %q in %s; wants an id, the beginning of one, or last", name, dir)
	if name == view.Last && s != nil {
		others, err := a.haveOthers(ctx, s, pawl.RunFilter{Program: a.ownProgram()})
		if err != nil {
			return pawl.RunSummary{}, err
		}
		if others {
			return pawl.RunSummary{}, &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("there is no run of this program in %s yet, only of others; name one by its id", dir)}
		}
	}
	if name == view.Last {
		message = fmt.Sprintf("there is no run in %s yet", dir)
	}
	return pawl.RunSummary{}, &pawl.Error{Kind: pawl.ErrNotFound, Message: message}
}

// ownProgram is the name of this program, with which its runs are recorded. Lists and
// "last" are of its own runs.
func (a *app) ownProgram() string { return cmp.Or(a.named, local.MainModule()) }

// allProgramsFlag adds the flag that has a list hold the runs of other programs, too.
func allProgramsFlag(flags *pflag.FlagSet, all *bool) {
	flags.BoolVar(all, "all-programs", false, "also of runs that other programs have started in the same data directory")
}

// listed is the program that a list is of; empty: it is of all.
func (a *app) listed(all bool) string {
	if all {
		return ""
	}
	return a.ownProgram()
}

// hasOthers says what haveOthers found.
const hasOthers = "other programs have runs there; --all-programs lists them, too"

// haveOthers reports whether other programs have runs where this one has none.
func (a *app) haveOthers(ctx context.Context, s *store, f pawl.RunFilter) (bool, error) {
	if f.Program == "" {
		return false, nil
	}
	f.Program, f.Limit = "", 1
	runs, err := s.view.Summaries(ctx, f)
	return len(runs) > 0, err
}

// leastPrefix is how much of a run's id names it where what follows cannot be undone: a
// slip of one character must not end another run.
const leastPrefix = 4

// isSlip reports whether a name is too short for what cannot be undone.
func isSlip(name string) bool { return len(name) < leastPrefix }

// findSurely is find for what cannot be undone: the beginning of an id has some length.
func (a *app) findSurely(ctx context.Context, s *store, name string) (pawl.RunSummary, error) {
	run, err := a.find(ctx, s, name)
	if err == nil && isSlip(name) && name != view.Last && name != string(run.ID) {
		err = badInput("run %q: what cannot be undone wants at least %d characters of the id, or last", name, leastPrefix)
	}
	return run, err
}
