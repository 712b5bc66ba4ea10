package housetest_test

import (
	"os"
	"path"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/blog"
	"github.com/pawlrun/pawl/flows/bloghelper"
	"github.com/pawlrun/pawl/flows/complaint"
	"github.com/pawlrun/pawl/flows/email"
	"github.com/pawlrun/pawl/flows/headlines"
	"github.com/pawlrun/pawl/flows/studynotes"
	"github.com/pawlrun/pawl/flows/support"
	"github.com/pawlrun/pawl/flows/triage"
	"github.com/pawlrun/pawl/flows/write"
	"github.com/pawlrun/pawl/internal/shape"
)

// flows are the built-in flows by their folders. One that has several is explained by the
// first; the others are called by it.
var flows = map[string][]pawl.Flow{
	"article":    {article.Flow},
	"blog":       {blog.Flow},
	"bloghelper": {bloghelper.Flow},
	"complaint":  {complaint.Flow},
	"email":      {email.Flow},
	"headlines":  {headlines.Flow},
	"studynotes": {studynotes.Flow},
	"support":    {support.Flow, support.BillingFlow, support.TechnicalFlow, support.RefundFlow},
	"triage":     {triage.Flow},
	"write":      {write.Flow},
}

// shapes returns what each flow may do, by its name.
func shapes() map[string]*shape.Shape {
	var all []pawl.Flow
	for _, some := range flows {
		all = append(all, some...)
	}
	var infos []pawl.FlowInfo
	for _, f := range all {
		infos = append(infos, f.Describe())
	}
	byName := map[string]*shape.Shape{}
	for _, f := range all {
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
		if d.IsDir() && d.Name() != "internal" && len(flows[d.Name()]) == 0 {
			t.Errorf("%s is not in the list of flows that are tested", path.Join("flows", d.Name()))
		}
	}
}
