//go:build !unix

package pawl_test

import "testing"

// showScreens has no terminal here.
func showScreens(*testing.T, string, string) {}
