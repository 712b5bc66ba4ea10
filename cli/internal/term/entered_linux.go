package term

import "golang.org/x/sys/unix"

// typedWaits asks a terminal how much of what was typed can be read: whole lines alone.
const typedWaits = unix.TIOCINQ
