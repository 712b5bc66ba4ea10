// Command pawl runs the built-in flows. Copy it and add a line to have your own.
package main

import (
	"github.com/pawlrun/pawl/cli"
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

func main() {
	cli.Main(
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
	)
}
