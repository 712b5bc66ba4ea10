// Command myflow answers a question, and holds the answer back unless it may be given. Begin here and change it.
//
//	go run . run myflow --example
//	go run . run myflow --help
//	go test ./...
package main

import "github.com/pawlrun/pawl/cli"

func main() { cli.Main(Flow) }
