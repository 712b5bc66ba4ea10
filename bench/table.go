package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"
)

// figure is one line of the table.
type figure struct {
	Workload   string  `json:"workload"`
	What       string  `json:"what"`
	Value      float64 `json:"value"`
	Unit       string  `json:"unit"`
	AtMost     float64 `json:"at_most,omitempty"`  // to be reached; 0: no such bound
	AtLeast    float64 `json:"at_least,omitempty"` // to be reached; 0: no such bound
	Durability string  `json:"durability,omitempty"`

	// Limit is what the disk and SQLite alone take for the same, in the same
	// process and unit; 0: nothing to compare with.
	Limit float64 `json:"limit,omitempty"`
}

// fullSync is the durability of every workload that stores something.
const fullSync = "fsync per commit"

// reached says whether the figure is as it should be.
func (f figure) reached() string {
	switch {
	case f.AtMost == 0 && f.AtLeast == 0:
		return ""
	case f.AtMost != 0 && f.Value > f.AtMost, f.AtLeast != 0 && f.Value < f.AtLeast:
		return "missed"
	}
	return "reached"
}

func (f figure) reach() string {
	switch {
	case f.AtMost != 0:
		return "<= " + brief(f.AtMost)
	case f.AtLeast != 0:
		return ">= " + brief(f.AtLeast)
	}
	return ""
}

func (f figure) ratio() string {
	if f.Limit == 0 {
		return ""
	}
	return brief(f.Value/f.Limit) + " x"
}

// brief writes a number with three digits that count.
func brief(v float64) string {
	if v >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func printTable(to io.Writer, figures []figure) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "workload\tfigure\tvalue\tunit\treach\t\tdurability\tto the limit")
	for _, f := range figures {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", f.Workload, f.What, brief(f.Value), f.Unit, f.reach(), f.reached(), f.Durability, f.ratio())
	}
	w.Flush()
}

// median returns the middle of some values.
func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
