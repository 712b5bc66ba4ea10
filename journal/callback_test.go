package journal_test

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/journal"
)

// An address that was given away must be understood for as long as its run is there.
func TestCallbackAddress(t *testing.T) {
	c := journal.Callback{Run: "0123456789ab", Key: "items[=a%2Fb]/paid#2"}
	const want = "0123456789ab.aXRlbXNbPWElMkZiXS9wYWlkIzI.wAwSd4e6yrjB9YLa38vuPA"
	if got := c.Address("secret"); got != want {
		t.Errorf("address %s, want %s", got, want)
	}
	var read journal.Callback
	if !read.Read(want) || read != c {
		t.Errorf("read %+v", read)
	}
	for _, bad := range []string{"", "x", want + "x", want + ".", strings.TrimSuffix(want, "PA") + "PB", strings.ToLower(want), want[:len(want)-22], "x" + want} {
		if c.Is(bad, "secret") {
			t.Errorf("%q is taken for the address", bad)
		}
	}
	if !c.Is(want, "secret") || c.Is(want, "other") || c.Is(c.Address(""), "") {
		t.Error("the signature does not say whose it is")
	}
	if longest := (journal.Callback{Run: c.Run, Key: pawl.Key(strings.Repeat("k", limits.KeyBytes))}); !read.Read(longest.Address("secret")) {
		t.Error("the address of the longest key was not read")
	}
	for _, bad := range []string{"", "0123456789ab", "0123456789ab.", "0123456789ab..x", "0123456789ab.aXR!.x", "0123456789AB.aXRl.x", "0123456789ab." + strings.Repeat("a", limits.AddressBytes)} {
		if read.Read(bad) {
			t.Errorf("%q was read as %+v", bad, read)
		}
	}
}

// An address of an answer is of what was seen, and of no event.
func TestCallbackAnswer(t *testing.T) {
	c := journal.Callback{Run: "0123456789ab", Key: "items[=a%2Fb]/paid#2", Seen: "00112233aabb"}
	const want = "0123456789ab.aXRlbXNbPWElMkZiXS9wYWlkIzI.00112233aabb.APPqqzio33WtJbNdgWn5jg"
	if got := c.Address("secret"); got != want {
		t.Errorf("address %s, want %s", got, want)
	}
	var read journal.Callback
	if !read.Read(want) || read != c {
		t.Errorf("read %+v", read)
	}
	event := journal.Callback{Run: c.Run, Key: c.Key}
	for _, bad := range []string{want + ".", strings.Replace(want, "0011", "0012", 1), strings.Replace(want, ".00112233aabb", "", 1), event.Address("secret")} {
		if c.Is(bad, "secret") || read.Read(bad) && read.Seen == "" && event.Is(bad, "secret") != (bad == event.Address("secret")) {
			t.Errorf("%q is taken for an address", bad)
		}
	}
	for _, bad := range []string{strings.Replace(want, "00112233aabb", "", 1), want + ".x"} {
		if read.Read(bad) {
			t.Errorf("%q was read as %+v", bad, read)
		}
	}
}
