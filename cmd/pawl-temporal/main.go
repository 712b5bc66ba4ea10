// Command pawl-temporal runs the built-in flows on Temporal, as docs/scale.md says. With flows
// of your own it is this file with yours in the list.
package main

import (
	_ "time/tzdata" // time zones also where a machine has no files of them

	"github.com/pawlrun/pawl/cli"
	"github.com/pawlrun/pawl/cli/temporal"
	"github.com/pawlrun/pawl/flows"
)

func main() { cli.Program{Flows: flows.All(), Open: temporal.Open}.Main() }
