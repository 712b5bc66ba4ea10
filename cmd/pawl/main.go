// Command pawl runs the built-in flows. Copy it and add a line to have your own.
package main

import (
	"github.com/pawlrun/pawl/cli"
	"github.com/pawlrun/pawl/flows/article"
	"github.com/pawlrun/pawl/flows/blog"
	"github.com/pawlrun/pawl/flows/complaint"
	"github.com/pawlrun/pawl/flows/email"
	"github.com/pawlrun/pawl/flows/headlines"
	"github.com/pawlrun/pawl/flows/support"
	"github.com/pawlrun/pawl/flows/triage"
)

func main() {
	cli.Main(
		article.Flow,
		blog.Flow,
		complaint.Flow,
		email.Flow,
		headlines.Flow,
		support.Flow, support.BillingFlow, support.TechnicalFlow, support.RefundFlow,
		triage.Flow,
	)
}
