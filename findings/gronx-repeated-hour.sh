#!/usr/bin/env bash
# gronx leaves out an hour: of the two that the clock shows when it is set back, the first.
#
# Version: github.com/adhocore/gronx 1.20.4. `*/30 * * * *` in Europe/Berlin, from 01:30 summer
# time on 25 October 2026, when the clock goes from 03:00 back to 02:00.
# Expected: 02:00 and 02:30 summer time, then 02:00 and 02:30 winter time: each half hour.
# Seen: behind 01:30 CEST NextTickAfter gives 02:00 CET, an hour and a half later, and no time
# of the hour between.
. "$(dirname "$0")/setup.bash"
install_go github.com/adhocore/gronx@v1.20.4
run_go <<'GO'
package main

import (
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/adhocore/gronx"
)

func main() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	from := time.Date(2026, 10, 25, 1, 30, 0, 0, berlin)
	next, err := gronx.NextTickAfter("*/30 * * * *", from, false)
	fmt.Println(from, "->", next, err)
	if err != nil || next.Sub(from) != 90*time.Minute {
		panic("the first of the two hours is not left out any more")
	}
}
GO
