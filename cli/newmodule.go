package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/internal/skeleton"
)

// source is where a new flow has Pawl from: a version that can be fetched, or a directory.
type source struct{ version, dir string }

// sourceOf says where that is: what is given; else the version of this program's Pawl, if it
// is one that others can fetch; else the directory that it was built with, or from. root is
// that, as the compiler wrote it down.
func sourceOf(given string, build *debug.BuildInfo, root string) (source, error) {
	if given != "" {
		dir, err := filepath.Abs(given)
		if err == nil {
			_, err = readModule(dir)
		}
		if err != nil {
			return source{}, badInput("--replace %q: %v", given, form.Cause(err))
		}
		return source{dir: dir}, nil
	}
	if build != nil {
		for _, m := range append(build.Deps, &build.Main) {
			switch {
			case m.Path != modulePath:
			case m.Replace != nil:
				root = m.Replace.Path
			case m.Sum != "" || isRelease(m.Version):
				return source{version: m.Version}, nil
			}
		}
	}
	if filepath.IsAbs(root) {
		if _, err := readModule(root); err == nil {
			return source{dir: root}, nil
		}
	}
	return source{}, badInput("this program was built from source that is not here any more, and has no version that could be fetched: give the directory with the source of Pawl as --replace DIR")
}

// isRelease reports whether a version is one that was given a name.
func isRelease(version string) bool {
	return semver.IsValid(version) && semver.Build(version) == "" && !module.IsPseudoVersion(version)
}

// sourceRoot is the directory of the source that this program was built from. It is no
// absolute path if the build took such paths out.
func sourceRoot() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.FromSlash(file)))
}

// readModule reads the go.mod of Pawl's source.
func readModule(dir string) (*modfile.File, error) {
	data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("is not the source of Pawl: it has no go.mod")
	}
	if err != nil {
		return nil, err
	}
	f, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil {
		return nil, err
	}
	if f.Module == nil || f.Module.Mod.Path != modulePath {
		return nil, fmt.Errorf("is not the source of Pawl: its go.mod is not that of %s", modulePath)
	}
	return f, nil
}

// moduleFiles are the go.mod of a module that uses Pawl and, if that is a directory, its go.sum:
// with what Pawl itself was built with, so that nothing has to be looked up.
func (s source) moduleFiles(path string) ([]skeleton.File, error) {
	mod := new(modfile.File)
	err := mod.AddModuleStmt(path)
	if s.dir == "" {
		err = errors.Join(err, mod.AddRequire(modulePath, s.version))
		return []skeleton.File{{Path: "go.mod", Data: modfile.Format(mod.Syntax)}}, err
	}
	its, rerr := readModule(s.dir)
	sums, serr := os.ReadFile(filepath.Join(s.dir, "go.sum"))
	if err := errors.Join(err, rerr, serr); err != nil {
		return nil, badInput("the source of Pawl in %q cannot be read: %v", s.dir, form.Cause(err))
	}
	if its.Go != nil {
		err = mod.AddGoStmt(its.Go.Version)
	}
	requires := []*modfile.Require{{Mod: module.Version{Path: modulePath, Version: "v0.0.0"}}}
	for _, r := range its.Require {
		requires = append(requires, &modfile.Require{Mod: r.Mod, Indirect: true})
	}
	mod.SetRequireSeparateIndirect(requires)
	err = errors.Join(err, mod.AddReplace(modulePath, "", s.dir, ""))
	mod.Cleanup()
	return []skeleton.File{{Path: "go.mod", Data: modfile.Format(mod.Syntax)}, {Path: "go.sum", Data: sums}}, err
}
