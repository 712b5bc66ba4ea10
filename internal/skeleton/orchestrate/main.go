// Command myflow has a text planned, its sections written side by side, and then joined. Begin here and change it.
//
//	go run . run myflow --example
//	go run . run myflow --help
//	go test ./...
package main

import "github.com/pawlrun/pawl/cli"

func main() { cli.Main(Flow) }
