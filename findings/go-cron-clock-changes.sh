#!/usr/bin/env bash
# netresearch/go-cron skips a daily run where the clock is set forward at midnight, and
# makes one twice where it is set back.
#
# Version: github.com/netresearch/go-cron 0.9.1, the maintained fork of robfig/cron. Its README
# says of a midnight that does not exist "automatically normalized to valid time", and
# of an hour that repeats "jobs run once, during first occurrence".
# Expected: "0 0 * * *" in America/Havana, where 8 March 2026 begins at 01:00, comes then, as the
# same library has "30 2 * * *" come at 03:30 where Berlin skips 02:30.
# Seen: behind the midnight of 7 March comes that of 9 March; 8 March has no run. And "30 2 * * *"
# in Berlin comes on 25 October 2026 at 02:30 summer time and again at 02:30 winter time.
. "$(dirname "$0")/setup.bash"
install_go github.com/netresearch/go-cron@v0.9.1
run_go <<'GO'
package main

import (
	"fmt"
	"time"
	_ "time/tzdata"

	cron "github.com/netresearch/go-cron"
)

func next(expression, zone string, from time.Time) time.Time {
	s, err := cron.ParseStandard(expression)
	if err != nil {
		panic(err)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	at := s.Next(from.In(loc))
	fmt.Println(expression, zone, from.In(loc), "->", at)
	return at
}

func main() {
	havana := next("0 0 * * *", "America/Havana", time.Date(2026, 3, 7, 6, 0, 0, 0, time.UTC))
	berlin := next("30 2 * * *", "Europe/Berlin", time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC))
	once := next("30 2 * * *", "Europe/Berlin", time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC))
	twice := next("30 2 * * *", "Europe/Berlin", once)
	if twice.Sub(once) != time.Hour {
		panic("a time that comes twice is taken once now")
	}
	if havana.Day() != 9 || berlin.Format("02 15:04") != "29 03:30" {
		panic("no day is skipped any more")
	}
}
GO
