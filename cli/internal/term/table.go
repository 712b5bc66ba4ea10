package term

import "strings"

// Table are rows in columns, cut to a width; 0: they stay whole. All rows have
// as many cells, and there is one at least.
func Table(rows [][]string, width int) []string {
	lines := make([]string, 0, len(rows))
	columns := make([]int, len(rows[0])-1) // the last cell needs no room
	for _, r := range rows {
		for i := range columns {
			columns[i] = max(columns[i], Cells(r[i]))
		}
	}
	for _, r := range rows {
		line := ""
		for i, n := range columns {
			line += Pad(r[i], n) + "  "
		}
		line = strings.TrimRight(line+r[len(r)-1], " ")
		if width > 0 {
			line = Cut(line, width)
		}
		lines = append(lines, line)
	}
	return lines
}
