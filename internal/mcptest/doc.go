// Package mcptest holds tests of the MCP server against what others have made of the protocol:
// the official conformance suite, the official inspector's command line, and the official SDK
// for Python. `make mcp` (scripts/mcp.sh) sets them up and runs this; elsewhere the tests are
// skipped.
//
// The suite calls tools, resources and prompts by names of its own. A server in this package
// has them beside Pawl's, behind the same handlers and checks, so that what is tested is how
// Pawl speaks. What needs none of them is asked of the command itself.
package mcptest
