// Package flows lists the built-in flows. Each is a package of its own beneath this one.
package flows

import (
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
)

// All returns the built-in flows, in the order in which they are listed.
func All() []pawl.Flow {
	return []pawl.Flow{
		article.Flow,
		blog.Flow,
		bloghelper.Flow,
		complaint.Flow,
		email.Flow,
		headlines.Flow,
		studynotes.Flow,
		support.Flow, support.BillingFlow, support.TechnicalFlow, support.RefundFlow,
		triage.Flow,
		write.Flow,
	}
}
