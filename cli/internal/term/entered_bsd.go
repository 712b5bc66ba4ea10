//go:build darwin || freebsd || netbsd || openbsd

package term

// typedWaits is FIONREAD, which asks a terminal how much of what was typed can be read:
// whole lines alone.
const typedWaits = 0x4004667f
