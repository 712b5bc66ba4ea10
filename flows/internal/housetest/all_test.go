package housetest_test

import (
	"os"
	"path"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows"
	"github.com/pawlrun/pawl/internal/shape"
)

// folders are the built-in flows by their folders. One that has several is explained by the
// first; the others are called by it.
var folders = func() map[string][]pawl.Flow {
	all, at := map[string][]pawl.Flow{}, ""
	for _, f := range flows.All() {
		own := strings.ReplaceAll(f.Name(), "-", "")
		if _, err := os.Stat(path.Join("../..", own)); err == nil {
			at = own
		}
		all[at] = append(all[at], f)
	}
	return all
}()

// shapes returns what each flow may do, by its name.
func shapes() map[string]*shape.Shape {
	var infos []pawl.FlowInfo
	for _, f := range flows.All() {
		infos = append(infos, f.Describe())
	}
	byName := map[string]*shape.Shape{}
	for _, f := range flows.All() {
		byName[f.Name()] = shape.OfSource(f.Describe(), infos)
	}
	return byName
}

func TestEachFolderIsAFlow(t *testing.T) {
	dirs, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if d.IsDir() && d.Name() != "internal" && len(folders[d.Name()]) == 0 {
			t.Errorf("%s is not in the list of flows that are tested", path.Join("flows", d.Name()))
		}
	}
}
