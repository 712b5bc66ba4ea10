// Command pawlvet finds in the code of flows what a replay would not repeat:
//
//	pawlvet ./...
//	go vet -vettool=$(which pawlvet) ./...
//
// What it reports stands in the documentation of package pawlvet.
package main

import (
	"golang.org/x/tools/go/analysis/singlechecker"

	"github.com/pawlrun/pawl/pawlvet"
)

func main() { singlechecker.Main(pawlvet.Analyzer) }
