// Command myflow plans a text, writes it and has it reviewed: one step after another. Begin here and change it.
//
//	go run . run myflow --example
//	go run . run myflow --help
//	go test ./...
package main

import "github.com/pawlrun/pawl/cli"

func main() { cli.Main(Flow) }
