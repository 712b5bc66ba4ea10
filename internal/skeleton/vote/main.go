// Command myflow asks several times whether a message is spam, and goes by the majority. Begin here and change it.
//
//	go run . run myflow --example
//	go run . run myflow --help
//	go test ./...
package main

import "github.com/pawlrun/pawl/cli"

func main() { cli.Main(Flow) }
