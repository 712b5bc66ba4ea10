// Command pawl runs the built-in flows. With flows of your own it is
// cli.Main(append(flows.All(), mine.Flow)...), or cli.Main(mine.Flow).
package main

import (
	_ "time/tzdata" // time zones also where a machine has no files of them

	"github.com/pawlrun/pawl/cli"
	"github.com/pawlrun/pawl/flows"
)

func main() { cli.Program{Flows: flows.All(), Demos: demos}.Main() }
