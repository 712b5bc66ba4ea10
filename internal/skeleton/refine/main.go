// Command myflow writes a text, has it reviewed, and revises it until it is good. Begin here and change it.
//
//	go run . run myflow --example
//	go run . run myflow --help
//	go test ./...
package main

import "github.com/pawlrun/pawl/cli"

func main() { cli.Main(Flow) }
