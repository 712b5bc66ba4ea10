package main

import "context"

// workload is something to be measured, in a process of its own.
type workload struct {
	name    string
	measure func(context.Context, place) ([]figure, error)
}

// workloads are measured in this order.
var workloads = []workload{
	{"disk", disk},
	{"chain", chainOfSteps},
	{"busy", busyRuns},
	{"observed", observedRuns},
	{"map", mapItems},
	{"blog", blogPost},
	{"start", coldStart},
	{"resume", resumeRun},
	{"rerun", rerun},
	{"growth", longRun},
	{"talk", conversation},
	{"waiting", waitingRuns(10_000, 60, 3)},
	{"approvals", approvals(10_000, 60, 3)},
	{"crowd", waitingRuns(100_000, 120, 60)},
	{"http", runOverHTTP},
	{"listeners", listeners},
	{"watched", watchedRuns},
	{"list", longList},
}

// place is where a workload is measured, and how thoroughly.
type place struct {
	dir   string
	short bool
}

// rounds returns n, or fewer for a short measurement.
func (p place) rounds(n int) int {
	if p.short {
		return min(n, 2)
	}
	return n
}
