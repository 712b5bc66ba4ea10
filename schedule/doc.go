// Package schedule says when a flow is to run by itself: the times of a cron
// expression in a time zone, which of them are due, and what becomes of those that were
// missed or that come while the last run is still under way.
//
// A [Schedule] is a flow with its input, a [Cron] and policies. [Schedule.Decide] takes it
// as it is stored and what time it is, and gives it back as it is to be stored; which runs
// are then to be made says [Schedule.Ready]. A [Keeper] is where schedules are kept: who
// stores a decision first has made it, and everybody else sees that it was made. The id of
// a run follows from the schedule and the time ([Schedule.RunID]), so that the run is made
// once, whoever makes it and however often they die meanwhile.
//
//	cron, err := schedule.ParseCron("0 7 * * 1", "Europe/Berlin")
//	next := cron.Next(time.Now())
//
// Nothing here has a clock or does anything: internal/scheduler does.
package schedule
