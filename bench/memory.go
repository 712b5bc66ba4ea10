package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// peakMemory returns the most memory in MiB that this process has had resident,
// as Linux tells it.
func peakMemory() (float64, error) { return memoryOf("VmHWM:") }

// memoryNow returns the memory in MiB that this process has resident.
func memoryNow() (float64, error) { return memoryOf("VmRSS:") }

func memoryOf(field string) (float64, error) {
	const file = "/proc/self/status"
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, field); ok {
			kib, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			return float64(kib) / 1024, err
		}
	}
	return 0, fmt.Errorf("%s has no %s", file, field)
}
